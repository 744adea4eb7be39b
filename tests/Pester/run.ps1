# Runs the acceptance suite and the tests of the examples for tests/run.sh: prints `passed COUNT NAME` and `failed COUNT NAME` for each block of tests, why one
# failed, and ends with 1 where one did or none was found.
$PSStyle.OutputRendering = 'PlainText'
. "$PSScriptRoot/Import-BuiltModule.ps1"
$result = Invoke-Pester -Path $PSScriptRoot, "$root/docs/examples" -PassThru -Output None 4> $null
foreach ($container in $result.Containers) {
    foreach ($block in $container.Blocks) {
        if ($block.PassedCount) { "passed $($block.PassedCount) pester: $($block.ExpandedName)" }
        if ($block.Result -ne 'Passed') { "failed $([Math]::Max($block.FailedCount, 1)) pester: $($block.ExpandedName)" }
    }
    if ($container.ErrorRecord) { "failed pester: $($container.Item)", $container.ErrorRecord }
}
foreach ($test in $result.Failed) { '', $test.ExpandedPath, $test.ErrorRecord }
exit [int] ($result.TotalCount -eq 0 -or $result.Result -ne 'Passed')
