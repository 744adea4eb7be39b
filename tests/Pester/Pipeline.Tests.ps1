#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# The acceptance suite in PowerShell's own test language, for whoever has pwsh and Pester 5: build.ps1 Build, Pester.

BeforeAll {
    $root = Split-Path (Split-Path $PSScriptRoot)
    $manifest = Get-ChildItem "$root/out/MultiArchImage/*/MultiArchImage.psd1" | Sort-Object LastWriteTime | Select-Object -Last 1
    Import-Module $manifest.FullName -Force
    $hello = Join-Path $root 'docs/examples/hello'
    $platforms = 'linux/amd64', 'linux/arm64'
}

Describe 'The module' {
    It 'has a valid manifest' {
        (Test-ModuleManifest $manifest.FullName).Name | Should -Be 'MultiArchImage'
    }
}

Describe 'The pipeline' {
    BeforeAll {
        $images = New-ArchImage $hello -Repository example/hello -Tag 'k8s-{arch}-latest' -Platform $platforms -Output 'oci:TestDrive:/build'
    }

    It 'builds an image for each platform' {
        $images.Platform | Sort-Object | Should -Be $platforms
    }

    It 'joins them under the name without the architecture' {
        $fat = $images | New-FatManifest -RequirePlatform $platforms
        $fat.Tag | Should -Be 'k8s-latest'
        $fat.Platforms | Should -Be $platforms
    }

    It 'changes nothing the second time' {
        ($images | New-FatManifest).Status | Should -Be 'Unchanged'
    }

    It 'takes images of another job from JSON' {
        $json = $images | ConvertTo-Json | ConvertFrom-Json
        ($json | New-FatManifest).Status | Should -Be 'Unchanged'
    }

    It 'refuses to publish without a required platform' {
        { $images | New-FatManifest -RequirePlatform linux/s390x -ErrorAction Stop } | Should -Throw -ErrorId 'RequiredPlatformMissing*'
    }
}
