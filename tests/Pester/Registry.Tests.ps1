#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

[Diagnostics.CodeAnalysis.SuppressMessage('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'What one block of Pester sets, others read.')]
param()

# The same way with a registry, which Start-ArchRegistry runs; and what PowerShell's own streams and threads make of it.

BeforeAll {
    . "$PSScriptRoot/Import-BuiltModule.ps1"
    $platforms = 'linux/amd64', 'linux/arm64'
    $registry = Start-ArchRegistry
    $images = New-ArchImage $hello -Repository "$registry/team/app" -Tag '1.0-{arch}' -Platform $platforms -Output 'oci:TestDrive:/build'
}

AfterAll { $registry | Stop-ArchRegistry }

Describe 'A registry' {
    It 'gets one name for both architectures' {
        $fat = $images | Publish-ArchImage | New-FatManifest -RequirePlatform $platforms
        $fat.Reference | Should -Be "$registry/team/app:1.0"
        Get-FatManifest "$registry/team/app:1.0" | ForEach-Object Digest | Should -Be $fat.Digest
    }

    It 'tells of itself as any other' {
        $fat = Get-FatManifest "$registry/team/app:1.0"
        $answer = Invoke-WebRequest "$($registry.Uri)v2/team/app/manifests/1.0" -Headers @{ Accept = $fat.MediaType }
        "$($answer.Headers['Docker-Content-Digest'])" | Should -Be $fat.Digest
        (Get-ArchRegistry $registry).IsAuthorized | Should -BeTrue
    }

    It 'lists its images by name' {
        Get-ArchImage "$registry/team/app:*" -Remote -NameOnly | Sort-Object | Should -Be "$registry/team/app:1.0", "$registry/team/app:1.0-amd64", "$registry/team/app:1.0-arm64"
    }

    It 'gets a release by digest under other tags' {
        $copied = Get-FatManifest "$registry/team/app:1.0" | Copy-ArchImage -Destination "$registry/team/app:latest", "$registry/released/app:1.0"
        $copied.Digest | Select-Object -Unique | Should -Be (Get-FatManifest "$registry/team/app:1.0").Digest
    }

    It 'loses a tag and only it' {
        Remove-ArchImage "$registry/team/app:latest" -Remote
        Test-FatManifest "$registry/team/app:latest" | Should -BeFalse
        Test-FatManifest "$registry/team/app:1.0" | Should -BeTrue
    }

    It 'lets nobody in without the password that it wants' {
        $credential = [pscredential]::new('jenkins', [Net.NetworkCredential]::new('', 's3cret').SecurePassword)
        $guarded = Start-ArchRegistry -Credential $credential
        try {
            { $images | Publish-ArchImage -Destination "$guarded/team/app" -ErrorAction Stop } | Should -Throw -ErrorId 'RegistryUnauthorized*'
            ($images | Publish-ArchImage -Destination "$guarded/team/app" -Credential $credential | New-FatManifest -Credential $credential).Platforms | Should -Be $platforms
        }
        finally { $guarded | Stop-ArchRegistry }
    }
}

Describe 'Streams' {
    It 'have a line a request with its status and time, for -Verbose' {
        $lines = Get-FatManifest "$registry/team/app:1.0" -IndexOnly -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        @($lines).Count | Should -Be 1
        "$lines" | Should -Match "^GET http://$registry/v2/team/app/manifests/1.0 200 in \d+ ms$"
    }

    It 'have headers without secrets, for who debugs' {
        $credential = [pscredential]::new('jenkins', [Net.NetworkCredential]::new('', 's3cret').SecurePassword)
        $guarded = Start-ArchRegistry -Credential $credential
        try {
            $DebugPreference = 'Continue'
            $lines = Get-FatManifest "$guarded/team/app:1.0" -Credential $credential -ErrorAction SilentlyContinue 5>&1 | Out-String
            $lines | Should -Match 'Authorization: \*\*\*'
            $lines | Should -Not -Match 's3cret'
            $lines | Should -Not -Match ([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('jenkins:s3cret')))
        }
        finally { $guarded | Stop-ArchRegistry }
    }

    It 'have what a long step came to, for those who want to know' {
        $null = $images | Publish-ArchImage -InformationVariable told
        $told.MessageData | Sort-Object | Should -Match "^Published $registry/team/app:1.0-\w+ for linux/\w+, \d+ B, in \d+\.\d s$"
        $told[0].Tags | Should -Be 'MultiArchImage'
    }

    It 'have no colours of the module: those of a log that has none stay none' {
        $problem = Test-FatManifest "$registry/team/app:1.0" -RequirePlatform linux/s390x -Detailed
        ($problem, (Get-FatManifest "$registry/team/app:1.0"), $images | ForEach-Object { $_ | Format-List | Out-String -Width 80 }) -replace "`e\[(32;1|0)m" | Should -Not -Match "`e"
        $problem, (Get-FatManifest "$registry/team/app:1.0") | Format-Custom | Out-String -Width 80 | Should -Not -Match "`e"
        $env:NO_COLOR = '1'
        try { pwsh -NoProfile -NonInteractive -Command "Import-Module '$moduleManifest'; Get-FatManifest $registry/team/app:1.0; Get-ArchImage $registry/team/app:* -Remote" | Should -Not -Match "`e" }
        finally { $env:NO_COLOR = $null }
    }

    It 'have nothing on the success stream but objects' {
        $null = $images | Publish-ArchImage | New-FatManifest -OutVariable written
        $written | Should -HaveCount 1
        $written[0] | Should -BeOfType MultiArchImage.FatManifest
    }
}

Describe 'Beside each other' {
    It 'runspaces of ForEach-Object -Parallel share the module' {
        $name = "$registry/team/app:1.0"
        $digests = 1..16 | ForEach-Object -Parallel {
            Import-Module $using:moduleManifest
            (Get-FatManifest $using:name).Digest
        } -ThrottleLimit 16
        $digests | Should -HaveCount 16
        $digests | Select-Object -Unique | Should -Be (Get-FatManifest $name).Digest
    }

    It 'jobs of Start-ThreadJob add a platform each, and none is lost' {
        $name = "$registry/team/jobs:1.0"
        $jobs = $images | Publish-ArchImage -Destination "$registry/team/jobs" | ForEach-Object {
            $image = $_
            Start-ThreadJob { Import-Module $using:moduleManifest; $using:image | Update-FatManifest $using:name }
        }
        $jobs | Receive-Job -Wait -AutoRemoveJob -ErrorAction Stop | Should -HaveCount 2
        (Get-FatManifest $name).Platforms | Sort-Object | Should -Be $platforms
    }

    It 'a process of Start-Job gets objects as its properties, and joins them' {
        $job = Start-Job -ArgumentList $moduleManifest, @($images | Publish-ArchImage -Destination "$registry/team/process") {
            param($manifest, $images)
            Import-Module $manifest
            $images | New-FatManifest
        }
        ($job | Receive-Job -Wait -AutoRemoveJob -ErrorAction Stop).Platforms | Should -Be $platforms
    }
}
