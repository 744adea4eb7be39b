#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

[Diagnostics.CodeAnalysis.SuppressMessage('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'What one block of Pester sets, others read.')]
param()

# The acceptance suite in PowerShell's own test language, for whoever has pwsh and Pester 5: build.ps1 Build, Pester.

BeforeDiscovery {
    . "$PSScriptRoot/Import-BuiltModule.ps1"
    $cmdlets = (Get-Command -Module MultiArchImage -CommandType Cmdlet).Name
    $registry = 'Credential', 'PlainHttp', 'ThrottleLimit', 'TimeoutSec', 'MaximumRetryCount'
    # What scripts rely on: a parameter that goes breaks them.
    $contract = @(
        @{ Name = 'New-ArchImage'; Parameter = @('Path', 'Repository', 'Tag', 'Platform', 'Dockerfile', 'BuildArg', 'Label', 'Target', 'NoCache', 'Pull', 'Output', 'DockerHost') + $registry }
        @{ Name = 'Get-ArchImage'; Parameter = @('Reference', 'Platform', 'Remote', 'DockerHost') + $registry }
        @{ Name = 'Publish-ArchImage'; Parameter = @('Image', 'Destination', 'DockerHost') + $registry }
        @{
            Name      = 'New-FatManifest'
            Parameter = @('Image', 'FromTemplate', 'Name', 'Tag', 'RequirePlatform', 'RequireSame', 'WaitFor', 'ExpectedDigest', 'Format', 'Annotation', 'Replace', 'Force') + $registry
        }
        @{ Name = 'Get-FatManifest'; Parameter = @('Reference') + $registry }
        @{ Name = 'Test-FatManifest'; Parameter = @('Reference', 'RequirePlatform', 'Detailed') + $registry }
        @{ Name = 'Receive-ArchImage'; Parameter = @('Reference', 'Platform', 'Destination') + $registry }
        @{ Name = 'Remove-ArchImage'; Parameter = @('Reference', 'Remote') + $registry }
        @{ Name = 'Update-FatManifest'; Parameter = @('Reference', 'Image', 'Remove', 'Annotation', 'IfDigest') + $registry }
        @{ Name = 'Compare-FatManifest'; Parameter = @('ReferenceObject', 'DifferenceObject') + $registry }
        @{ Name = 'Copy-ArchImage'; Parameter = @('Reference', 'Destination') + $registry }
        @{ Name = 'Connect-ArchRegistry'; Parameter = @('Registry', 'FromEnvironment', 'MavenSettings', 'SessionOnly') + $registry }
        @{ Name = 'Disconnect-ArchRegistry'; Parameter = @('Registry') }
        @{ Name = 'Get-ArchRegistry'; Parameter = @('Registry') + $registry }
        @{ Name = 'Start-ArchRegistry'; Parameter = @('Path', 'Port', 'Credential') }
        @{ Name = 'Stop-ArchRegistry'; Parameter = @('Registry') }
        @{ Name = 'Resolve-ArchTag'; Parameter = @('Method', 'Path', 'Stream', 'Branch', 'Map', 'Template') }
        @{ Name = 'Export-ArchImage'; Parameter = @('Path', 'Image', 'NoClobber') }
        @{ Name = 'Import-ArchImage'; Parameter = @('Path', 'LiteralPath') }
    )
    # Parameters that people look for values of.
    $completed = 'Reference', 'Image', 'Destination', 'Platform', 'RequirePlatform', 'WaitFor', 'Remove', 'UnmarkedPlatform', 'DockerHost', 'Registry', 'FromTemplate',
        'Template', 'Name', 'ReferenceObject', 'DifferenceObject', 'RequireSame', 'FromEnvironment', 'Repository', 'Output', 'Subject', 'KeepPreviousAs'
    $offering = Get-Command -Module MultiArchImage -CommandType Cmdlet | ForEach-Object {
        foreach ($parameter in $_.Parameters.Values | Where-Object { $_.Name -in $completed -and $_.ParameterType -ne [switch] }) {
            @{ Cmdlet = $_.Name; Parameter = $parameter.Name }
        }
    }
}

BeforeAll { . "$PSScriptRoot/Import-BuiltModule.ps1" }

Describe 'The manifest' {
    BeforeAll { $manifest = Test-ModuleManifest $moduleManifest }

    It 'is valid' { $manifest.Name | Should -Be 'MultiArchImage' }

    It 'is for PowerShell 7.4 and later' {
        $manifest.PowerShellVersion | Should -Be '7.4'
        $manifest.CompatiblePSEditions | Should -Be 'Core'
    }

    It 'names everything that it exports, so that nothing is loaded to find it' {
        $source = Import-PowerShellDataFile $moduleManifest
        $source.CmdletsToExport | Should -Not -Contain '*'
        $source.FunctionsToExport, $source.VariablesToExport | ForEach-Object { $_ } | Should -BeNullOrEmpty
        $source.AliasesToExport | Should -Be 'Build-ArchImage', 'Push-ArchImage', 'Pull-ArchImage', 'Inspect-FatManifest'
        (Get-Module MultiArchImage).ExportedCmdlets.Keys | Sort-Object | Should -Be ($source.CmdletsToExport | Sort-Object)
    }

    It 'tells the Gallery what it needs' {
        $manifest.LicenseUri, $manifest.ReleaseNotes, $manifest.Description, $manifest.Author | Should -Not -BeNullOrEmpty
        $manifest.Tags | Should -Contain 'PSEdition_Core'
    }
}

Describe '<_>' -ForEach $cmdlets {
    BeforeAll { $command = Get-Command $_ -Module MultiArchImage }

    It 'has an approved verb and a singular noun' {
        $command.Verb | Should -BeIn (Get-Verb).Verb
        $command.Noun | Should -Not -Match 's$'
    }

    It 'takes at most one value of the pipeline by position in each set' {
        foreach ($set in $command.ParameterSets) {
            @($set.Parameters | Where-Object ValueFromPipeline).Count | Should -BeLessOrEqual 1
        }
    }

    It 'has -WhatIf where it changes something' {
        if ($command.Verb -notin 'Get', 'Test', 'Compare', 'Resolve', 'Import') {
            $command | Should -HaveParameter WhatIf -Type switch
            $command | Should -HaveParameter Confirm -Type switch
        }
    }
}

Describe 'The parameters of <Name>' -ForEach $contract {
    It 'has -<_>' -ForEach $Parameter { Get-Command $Name | Should -HaveParameter $_ }
}

Describe 'A session that nobody sits at' {
    It 'is never asked for what is missing' {
        $missing = pwsh -NoProfile -NonInteractive -Command @"
            Import-Module '$moduleManifest'
            foreach (`$command in Get-Command -Module MultiArchImage -CommandType Cmdlet) {
                `$required = (`$command.ParameterSets | Where-Object IsDefault).Parameters | Where-Object IsMandatory
                try { if (`$required) { & `$command; "`$command ran" } } catch { if ("`$_" -notmatch `$required[0].Name) { "`${command}: `$_" } }
            }
            'all were tried'
"@
        $missing | Should -Be 'all were tried'
    }
}

Describe 'Completion' {
    It 'is there for <Cmdlet> -<Parameter>' -ForEach $offering {
        (Get-Command $Cmdlet).Parameters[$Parameter].Attributes | Where-Object { $_ -is [ArgumentCompleter] } | Should -Not -BeNullOrEmpty
    }

    It 'offers a whole word' {
        (TabExpansion2 'New-FatManifest -RequirePlatform linux/s' 40).CompletionMatches.CompletionText | Should -Be 'linux/s390x'
    }
}

Describe 'Objects' {
    It 'are made of hashtables, for mocks' {
        ([MultiArchImage.ArchImage] @{ Reference = 'team/app:1.0'; Platform = 'linux/arm64' }).Platform | Should -Be 'linux/arm64'
        $fat = [MultiArchImage.FatManifest] @{ Reference = 'team/app:1.0'; Entries = [MultiArchImage.FatManifestEntry[]] @{ Platform = 'linux/arm64'; Digest = 'sha256:0' } }
        $fat['arm64'].Digest | Should -Be 'sha256:0'
    }

    It 'are made of names, where a parameter takes them' {
        ([MultiArchImage.ArchImage] 'team/app:1.0').Reference | Should -Be 'team/app:1.0'
        ([MultiArchImage.FatManifest] 'team/app:1.0').Reference | Should -Be 'team/app:1.0'
    }

    It 'are their reference where a string is wanted' { "$([MultiArchImage.ArchImage] 'team/app:1.0')" | Should -Be 'team/app:1.0' }

    It 'know their whole name' {
        ([MultiArchImage.ArchImage] 'busybox').FullName | Should -Be 'docker.io/library/busybox'
        ([MultiArchImage.FatManifest] 'team/app:1.0').FullName | Should -Be 'docker.io/team/app:1.0'
    }

    It 'have a table, a list and a wide view: <_>' -ForEach 'ArchImage', 'ArchRegistry', 'FatManifest', 'FatManifestConfig', 'FatManifestDifference', 'FatManifestEntry', 'FatManifestFinding' {
        $kinds = (Get-FormatData "MultiArchImage.$_" -PowerShellVersion 7.4).FormatViewDefinition.Control | ForEach-Object { $_.GetType().Name }
        'TableControl', 'ListControl', 'WideControl' | Should -BeIn $kinds
    }
}
