#!/bin/sh
# Puts PowerShell and Pester into a folder, as NuGet holds them: DIR/pwsh, and DIR/Modules for PSModulePath. PowerShell is of the version whose
# engine the other tests use.
set -eu

[ $# -eq 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
version=$(sed -n 's/.*"Microsoft\.PowerShell\.SDK" Version="\([^"]*\)".*/\1/p' "$here/../../Directory.Packages.props")

[ -x "$folder/pwsh" ] || dotnet tool install PowerShell --version "$version" --tool-path "$folder"
[ -e "$folder/Modules/Pester" ] || dotnet build "$here/Pester.proj" --nologo --property:ModuleFolder="$folder/Modules/Pester"
