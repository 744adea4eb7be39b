#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

[Diagnostics.CodeAnalysis.SuppressMessage('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'What one block of Pester sets, others read.')]
param()

# Errors, as scripts meet them: the preferences and variables of PowerShell do what they do for built-in cmdlets.

BeforeAll {
    . "$PSScriptRoot/Import-BuiltModule.ps1"
    $null = New-ArchImage $hello -Tag '{arch}' -Platform linux/amd64, linux/arm64 -Output 'oci:TestDrive:/build'
    $there = 'oci:TestDrive:/build:amd64'
    $missing = 'oci:TestDrive:/build:missing'
}

Describe 'An error of one of several things' {
    It 'does not stop the others' {
        $found = Get-ArchImage $missing, $there -ErrorAction SilentlyContinue -ErrorVariable failed
        $found.Platform | Should -Be 'linux/amd64'
        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'ManifestNotFound,MultiArchImage.Cmdlets.Commands.GetArchImageCommand'
        $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'names what it is about, also where that is a member of a pipeline' {
        $null = $missing, $there | Get-ArchImage -ErrorAction SilentlyContinue -ErrorVariable failed
        "$($failed[0].TargetObject)" | Should -BeLike '*build:missing'
        "$($failed[0])" | Should -BeLike '*build:missing*'
    }

    It 'ends a script that stops at errors' {
        $ErrorActionPreference = 'Stop'
        { Get-ArchImage $missing; throw 'it went on' } | Should -Throw -ErrorId 'ManifestNotFound*'
    }

    It 'ends a command that was told to stop at errors' {
        { Get-ArchImage $missing -ErrorAction Stop } | Should -Throw -ErrorId 'ManifestNotFound*'
    }

    It 'is left out of $Error where it is ignored' {
        $Error.Clear()
        Get-ArchImage $missing -ErrorAction Ignore
        $Error | Should -HaveCount 0
    }

    It 'is added to a variable that has some' {
        $failed = @()
        1..2 | ForEach-Object { Get-ArchImage $missing -ErrorAction SilentlyContinue -ErrorVariable +failed }
        $failed | Should -HaveCount 2
    }

    It 'is caught by its type where it was made to stop' {
        $caught = try { Get-ArchImage $missing -ErrorAction Stop }
        catch [MultiArchImage.ManifestNotFoundException] { 'not found' }
        catch { 'something else' }
        $caught | Should -Be 'not found'
    }

    It 'is caught by the type that all errors of the module have' {
        $caught = try { Get-ArchImage $missing -ErrorAction Stop } catch [MultiArchImage.ImageException] { $_.Exception.ErrorId }
        $caught | Should -Be 'ManifestNotFound'
    }

    It 'makes $? false' {
        $null = Get-ArchImage $missing -ErrorAction SilentlyContinue
        $? | Should -BeFalse
    }
}

Describe 'An error of the result' {
    It 'is caught without a preference' {
        $caught = try { New-FatManifest $there -Name 'oci:TestDrive:/build:fat' -RequirePlatform linux/s390x } catch { $_ }
        $caught.FullyQualifiedErrorId | Should -BeLike 'RequiredPlatformMissing*'
        Test-FatManifest 'oci:TestDrive:/build:fat' | Should -BeFalse
    }

    It 'is not caught by an outer preference to go on' {
        $ErrorActionPreference = 'SilentlyContinue'
        $caught = try { New-FatManifest $there -Name 'oci:TestDrive:/build:fat' -RequirePlatform linux/s390x } catch [MultiArchImage.RequiredPlatformMissingException] { 'gate' }
        $caught | Should -Be 'gate'
    }
}

Describe 'A parameter that cannot be' {
    It 'ends the command and says the right form' {
        { New-ArchImage $hello -Platform amd65/linux/x/y } | Should -Throw '*is not a platform: write os/arch*'
        { New-FatManifest $there -ExpectedDigest latest } | Should -Throw "*'latest' is not a digest: write sha256: and 64 hexadecimal characters*"
        { Get-FatManifest $there -ThrottleLimit 0 } | Should -Throw '*ThrottleLimit*'
    }
}

Describe 'The table of errors' {
    It 'has what the errors say' {
        $table = Get-Content "$root/docs/errors.md" | Where-Object { $_ -match '^\| (\w+) \| (\w+) \|' } | ForEach-Object { $Matches[1] }
        $table | Should -Contain 'ManifestNotFound'
        $table | Should -Contain 'RequiredPlatformMissing'
        $table | Sort-Object -Unique | Should -Be ($table | Sort-Object)
    }
}
