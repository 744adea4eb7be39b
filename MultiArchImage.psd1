@{
    RootModule             = 'MultiArchImage.Cmdlets.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = '7d0c3b3e-6f1c-4a55-9f0e-5d8b1a4f2c90'
    Author                 = 'The MultiArchImage authors'
    CompanyName            = 'The MultiArchImage authors'
    Copyright              = '(c) The MultiArchImage authors. Apache-2.0.'
    Description            = 'Builds an image per processor architecture, pushes them, and joins them into one fat manifest (Docker manifest list, OCI image index) under one name.'
    CompatiblePSEditions   = @('Core')
    PowerShellVersion      = '7.4'
    FormatsToProcess       = @('MultiArchImage.format.ps1xml')
    TypesToProcess         = @('MultiArchImage.types.ps1xml')
    CmdletsToExport        = @(
        'New-ArchImage'
        'Get-ArchImage'
        'Publish-ArchImage'
        'Receive-ArchImage'
        'Remove-ArchImage'
        'New-FatManifest'
        'Get-FatManifest'
        'Update-FatManifest'
        'Test-FatManifest'
        'Compare-FatManifest'
        'Copy-ArchImage'
        'Resolve-ArchTag'
        'Export-ArchImage'
        'Import-ArchImage'
        'Connect-ArchRegistry'
        'Disconnect-ArchRegistry'
        'Get-ArchRegistry'
        'Start-ArchRegistry'
        'Stop-ArchRegistry'
    )
    FunctionsToExport      = @()
    VariablesToExport      = @()
    AliasesToExport        = @('Build-ArchImage', 'Push-ArchImage', 'Pull-ArchImage', 'Inspect-FatManifest')
    PrivateData            = @{
        PSData = @{
            Tags         = @('PSEdition_Core', 'Windows', 'Linux', 'docker', 'oci', 'registry', 'multiarch', 'manifest')
            LicenseUri   = 'https://www.apache.org/licenses/LICENSE-2.0'
            ReleaseNotes = 'CHANGELOG.md, beside this file.'
        }
    }
}
