#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }, MultiArchImage

<#
    Tests of release.ps1, as you would write them for a script of your own: what it decides, with the cmdlets mocked, and what becomes of a
    registry, with one that Start-ArchRegistry runs. Neither needs Docker, a network or a login.

        Invoke-Pester docs/examples
#>

[Diagnostics.CodeAnalysis.SuppressMessage('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'What one block of Pester sets, others read.')]
param()

BeforeAll {
    $script = Join-Path $PSScriptRoot 'release.ps1'
}

Describe 'What release.ps1 decides' {
    BeforeAll {
        $repository = 'registry.example.com/team/app'
        Mock New-FatManifest { [MultiArchImage.FatManifest] @{ Reference = "${repository}:1.4.2"; Status = 'Created' } }
        Mock Test-FatManifest { }
        Mock Copy-ArchImage { }
    }

    It 'joins the images of the version, and no release without each platform and of two commits' {
        & $script $repository 1.4.2
        Should -Invoke New-FatManifest -Times 1 -Exactly -ParameterFilter {
            $FromTemplate -eq "${repository}:1.4.2-{arch}" -and "$RequirePlatform" -eq 'linux/amd64 linux/arm64' -and $RequireSame -eq 'Revision'
        }
    }

    It 'moves the tags that people pull' {
        & $script $repository 1.4.2
        Should -Invoke Copy-ArchImage -Times 1 -Exactly -ParameterFilter {
            "$Reference" -eq "${repository}:1.4.2" -and "$Destination" -eq "${repository}:1.4 ${repository}:latest"
        }
    }

    It 'moves none where the test found an error' {
        Mock Test-FatManifest { [MultiArchImage.FatManifestFinding] @{ Severity = 'Error'; Message = 'the layer is not there' } }
        { & $script $repository 1.4.2 } | Should -Throw '*1.4.2 is not to be released: the layer is not there'
        Should -Invoke Copy-ArchImage -Times 0 -Exactly
    }

    It 'lets a warning pass' {
        Mock Test-FatManifest { [MultiArchImage.FatManifestFinding] @{ Severity = 'Warning'; Message = 'it is old' } }
        & $script $repository 1.4.2
        Should -Invoke Copy-ArchImage -Times 1 -Exactly
    }

    It 'ends where the images cannot be joined' {
        Mock New-FatManifest { throw 'linux/arm64 is missing' }
        { & $script $repository 1.4.2 } | Should -Throw 'linux/arm64 is missing'
        Should -Invoke Copy-ArchImage -Times 0 -Exactly
    }

    It 'says what a version looks like' {
        { & $script $repository latest } | Should -Throw "*'latest' is no version: write MAJOR.MINOR.PATCH, like 1.4.2.*"
    }
}

Describe 'What becomes of a registry' {
    BeforeAll {
        $registry = Start-ArchRegistry
        $revision = @{ 'org.opencontainers.image.revision' = '5b79c4a' }

        # As the jobs of both architectures leave it.
        function Publish-Build([string] $Repository, [string[]] $Platform, [hashtable] $Label = $revision) {
            New-ArchImage (Join-Path $PSScriptRoot 'hello') -Repository $Repository -Tag '1.4.2-{arch}' -Platform $Platform -Label $Label -Output 'oci:TestDrive:/build' |
                Publish-ArchImage
        }
    }

    AfterAll { $registry | Stop-ArchRegistry }

    It 'has one name for both architectures under all three tags' {
        $repository = "$registry/team/whole"
        $null = Publish-Build $repository linux/amd64, linux/arm64
        $release = & $script $repository 1.4.2
        foreach ($tag in '1.4.2', '1.4', 'latest') {
            $fat = Get-FatManifest "${repository}:$tag"
            $fat.Digest | Should -Be $release.Digest
            $fat.Platforms | Should -Be 'linux/amd64', 'linux/arm64'
        }
    }

    It 'is left as it was the second time' {
        $repository = "$registry/team/whole"
        $before = Get-FatManifest "${repository}:latest"
        (& $script $repository 1.4.2).Status | Should -Be 'Unchanged'
        Get-FatManifest "${repository}:latest" | Should -Be $before
    }

    It 'is left as it was where a platform is missing' {
        $repository = "$registry/team/half"
        $null = Publish-Build $repository linux/amd64
        { & $script $repository 1.4.2 } | Should -Throw -ErrorId 'ManifestNotFound*'
        Get-ArchImage "${repository}:*" -Remote -NameOnly | Should -Be "${repository}:1.4.2-amd64"
    }

    It 'is left as it was where the builds are of two commits' {
        $repository = "$registry/team/mixed"
        $null = Publish-Build $repository linux/amd64
        $null = Publish-Build $repository linux/arm64 -Label @{ 'org.opencontainers.image.revision' = 'b4a5719' }
        { & $script $repository 1.4.2 } | Should -Throw -ErrorId 'BuildsDiffer*'
        Test-FatManifest "${repository}:1.4.2" | Should -BeFalse
    }

    It 'is only looked at with -WhatIf' {
        $repository = "$registry/team/trial"
        $null = Publish-Build $repository linux/amd64, linux/arm64
        (& $script $repository 1.4.2 -WhatIf).Status | Should -Be 'Planned'
        Get-ArchImage "${repository}:*" -Remote -NameOnly | Should -Not -Contain "${repository}:1.4.2"
    }
}
