#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

[Diagnostics.CodeAnalysis.SuppressMessage('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'What one block of Pester sets, others read.')]
param()

# The way from a Dockerfile to one name, on layouts: no engine, no registry, no network.

BeforeAll {
    . "$PSScriptRoot/Import-BuiltModule.ps1"
    $platforms = 'linux/amd64', 'linux/arm64'
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
        $fat['linux/arm64'].Digest | Should -Be ($images | Where-Object Platform -EQ linux/arm64).Digest
    }

    It 'changes nothing the second time' {
        ($images | New-FatManifest).Status | Should -Be 'Unchanged'
    }

    It 'takes images of another job from JSON' {
        $json = $images | ConvertTo-Json | ConvertFrom-Json
        ($json | New-FatManifest).Status | Should -Be 'Unchanged'
    }

    It 'takes images of another job from a file, also where its name has brackets' {
        $null = $images | Export-ArchImage 'TestDrive:/images[1].json'
        (Get-ChildItem TestDrive:/ -Filter *.json | Import-ArchImage | New-FatManifest).Status | Should -Be 'Unchanged'
        (Import-ArchImage -LiteralPath 'TestDrive:/images[1].json').Count | Should -Be 2
    }

    It 'refuses to publish without a required platform' {
        { $images | New-FatManifest -RequirePlatform linux/s390x -ErrorAction Stop } | Should -Throw -ErrorId 'RequiredPlatformMissing*'
    }

    It 'shows with -WhatIf what would be done, and does nothing' {
        ($images | New-FatManifest -Tag trial -WhatIf).Status | Should -Be 'Planned'
        Test-FatManifest 'oci:TestDrive:/build:trial' | Should -BeFalse
    }

    It 'finds what is whole and what is not' {
        Test-FatManifest 'oci:TestDrive:/build:k8s-latest' -RequirePlatform $platforms | Should -BeTrue
        (Test-FatManifest 'oci:TestDrive:/build:k8s-latest' -RequirePlatform linux/s390x -Detailed).Code | Should -Be 'RequiredPlatformMissing'
    }

    It 'adds and removes entries' {
        $name = 'oci:TestDrive:/build:grown'
        ($images[0] | Update-FatManifest $name).Platforms | Should -Be $images[0].Platform
        ($images[1] | Update-FatManifest $name).Platforms | Should -Be $platforms
        (Update-FatManifest $name -Remove linux/amd64).Platforms | Should -Be 'linux/arm64'
        (Compare-FatManifest 'oci:TestDrive:/build:k8s-latest' $name).Status | Should -Be 'Removed'
    }

    It 'brings the image for one platform by the short name' {
        (Receive-ArchImage 'oci:TestDrive:/build:k8s-latest' -Platform linux/arm64 -Destination 'oci:TestDrive:/arm64').Platform | Should -Be 'linux/arm64'
    }

    It 'copies into an archive, which is a file as others are' {
        $copied = Copy-ArchImage 'oci:TestDrive:/build:k8s-latest' 'oci-archive:TestDrive:/hello.tar:1.0'
        $copied.Digest | Should -Be (Get-FatManifest 'oci:TestDrive:/build:k8s-latest').Digest
        (Get-Item TestDrive:/hello.tar | Get-ArchImage -NameOnly).Count | Should -BeGreaterThan 0
        (Get-FatManifest "$($copied.Reference)").Platforms | Should -Be $platforms
    }

    It 'removes a tag and only it' {
        Remove-ArchImage 'oci:TestDrive:/build:grown'
        Test-FatManifest 'oci:TestDrive:/build:grown' | Should -BeFalse
        Test-FatManifest 'oci:TestDrive:/build:k8s-latest' | Should -BeTrue
    }
}

Describe 'What a name is taken from' {
    BeforeAll { $images = New-ArchImage $hello -Tag '{arch}' -Platform $platforms -Output 'oci:TestDrive:/build' }

    It 'is a folder of Get-ChildItem' { (Get-Item TestDrive:/build | Get-ArchImage).Count | Should -Be 2 }

    It 'is an archive, of whichever kind' {
        $null = Copy-ArchImage $images[0] 'oci-archive:TestDrive:/one.tar:1', 'docker-archive:TestDrive:/two.tar:1'
        (Get-ChildItem TestDrive:/ -Filter *.tar | Sort-Object Name | Get-ArchImage).Reference -replace ':.*' | Should -Be 'oci-archive', 'docker-archive'
        { Get-ArchImage (Get-Item "$root/README.md") } | Should -Throw '*README.md*tar*'
    }

    It 'is an object, also one made of JSON, and a hashtable' {
        foreach ($object in $images[0], ($images[0] | ConvertTo-Json | ConvertFrom-Json), @{ Reference = $images[0].Reference }) {
            (Get-ArchImage $object).Digest | Should -Be $images[0].Digest
            ($object | Get-ArchImage).Digest | Should -Be $images[0].Digest
        }
        { Get-ArchImage ([pscustomobject] @{ Size = 1 }) } | Should -Throw '*has no Reference: give names, like *'
    }

    It 'is an entry of a fat manifest' {
        $fat = $images | New-FatManifest -Name 'oci:TestDrive:/build:fat'
        (Get-FatManifest "$fat" | ForEach-Object { $_['arm64'] } | Get-ArchImage).Platform | Should -Be 'linux/arm64'
        ($fat['arm64'] | Copy-ArchImage -Destination 'oci:TestDrive:/one:arm64').Digest | Should -Be $fat['arm64'].Digest
        ($fat.Entries | New-FatManifest -Name 'oci:TestDrive:/build:again').Digest | Should -Be $fat.Digest
        { Get-ArchImage ([MultiArchImage.FatManifestEntry] @{ Platform = 'linux/arm64' }) } | Should -Throw '*has no Reference*'
    }

    It 'is a URI of a registry' {
        { Get-FatManifest ([uri] 'https://127.0.0.1:1/team/app:1.0') -MaximumRetryCount 0 -ErrorAction Stop } | Should -Throw '*127.0.0.1:1*'
    }

    It 'has wildcards where people expect them' {
        (Get-ArchImage 'oci:TestDrive:/build:a*64').Count | Should -Be 2
        (Get-ArchImage 'oci:TestDrive:/build:ar*').Platform | Should -Be 'linux/arm64'
    }

    It 'is refused with the right form where it is none' {
        { Get-FatManifest 'Team/App' -ErrorAction Stop } | Should -Throw '*must be lower-case*'
        { New-ArchImage $hello -Platform 'linux/' -Output 'oci:TestDrive:/x' } | Should -Throw "*'linux/' is not a platform: write os/arch*"
    }
}
