#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

[Diagnostics.CodeAnalysis.SuppressMessage('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'What one block of Pester sets, others read.')]
param()

# What Get-Help shows. That its words are those of docs, and that its examples run, the tests beside the code look at.

BeforeDiscovery {
    . "$PSScriptRoot/Import-BuiltModule.ps1"
    $cmdlets = (Get-Command -Module MultiArchImage -CommandType Cmdlet).Name
    $topics = 'about_MultiArchImage', 'about_MultiArchImage_Authentication', 'about_MultiArchImage_Platforms', 'about_MultiArchImage_Registries', 'about_MultiArchImage_Jenkins'
}

BeforeAll { . "$PSScriptRoot/Import-BuiltModule.ps1" }

Describe 'The help of <_>' -ForEach $cmdlets {
    BeforeAll {
        $help = Get-Help $_ -Full
        $command = Get-Command $_
    }

    It 'says what it does, at length' {
        $help.Synopsis | Should -Not -Match ([regex]::Escape("$($command.Name) ["))
        ($help.description.Text -join '').Length | Should -BeGreaterThan $help.Synopsis.Length
    }

    It 'has examples' { @($help.examples.example).Count | Should -BeGreaterOrEqual 2 }

    It 'explains every parameter' {
        $explained = $help.parameters.parameter | Where-Object { $_.description.Text }
        foreach ($parameter in $command.Parameters.Keys | Where-Object { $_ -notin [System.Management.Automation.Cmdlet]::CommonParameters }) {
            if (-not $command.Parameters[$parameter].Attributes.DontShow) { $explained.name | Should -Contain $parameter }
        }
    }

    It 'has as many forms as the cmdlet' { @($help.syntax.syntaxItem).Count | Should -Be $command.ParameterSets.Count }
}

Describe '<_>' -ForEach $topics {
    It 'is found and fits 80 columns' {
        $text = Get-Help $_ | Out-String -Width 80
        $text | Should -Match $_
        $text.Length | Should -BeGreaterThan 500
    }
}
