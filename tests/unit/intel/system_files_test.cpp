#include "found.hpp"

#include <doctest/doctest.h>
#include <set>

using namespace found;
using namespace cti::intel;

namespace {
// What is found in the text, each with its verdict.
std::set<std::string> marked(Type type, std::string_view text) {
    std::set<std::string> out;
    for (const auto& indicator : extractor().extract(text).indicators)
        if (indicator.type == type)
            out.insert(indicator.value + '=' + std::string(cti::name_of(indicator.verdict)));
    return out;
}
}

TEST_CASE("intel::extract: programs that every system has are marked by their names, in any case") {
    CHECK(
        marked(Type::filename, "lsass.exe, SVCHOST.EXE and PowerShell.exe ran kernel32.dll and pubprn.vbs") ==
        std::set<std::string>{"lsass.exe=system_file", "SVCHOST.EXE=system_file",
                              "PowerShell.exe=system_file", "kernel32.dll=system_file",
                              "pubprn.vbs=system_file"});
    CHECK(marked(Type::filename, "svch0st.exe and lsass.dmp, mimikatz.exe, cmd.exe.bak") ==
          std::set<std::string>{"svch0st.exe=", "lsass.dmp=", "mimikatz.exe=", "cmd.exe.bak="});
}

TEST_CASE("intel::extract: a path is a system's own file only where the system has it") {
    for (const char* path : {R"(C:\Windows\System32\svchost.exe)", R"(c:\windows\SYSWOW64\rundll32.exe)",
                             R"(C:\Windows\explorer.exe)", R"(%windir%\system32\cmd.exe)",
                             R"(%SystemRoot%\System32\wbem\wmic.exe)",
                             R"(C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe)",
                             R"(C:\Windows\Microsoft.NET\Framework64\v4.0.30319\MSBuild.exe)",
                             R"(C:\Program Files (x86)\Microsoft Office\root\Office16\WINWORD.EXE)",
                             "/usr/bin/curl", "/bin/sh", "/etc/passwd", "/dev/null", "/usr/bin/osascript"})
        CHECK_MESSAGE(
            marked(Type::file_path, path) == std::set<std::string>{std::string(path) + "=system_file"}, path);
    for (const char* path :
         {R"(C:\Users\Public\svchost.exe)", R"(C:\Windows\svchost.exe)", R"(C:\Windows\Temp\cmd.exe)",
          R"(C:\Windows\System32\spool\drivers\color\svchost.exe)", R"(C:\Windows\System32\evil.exe)",
          R"(%APPDATA%\explorer.exe)", "/tmp/bin/bash", "/home/a/curl", "/usr/bin/evil",
          "/etc/ld.so.preload"})
        CHECK_MESSAGE(marked(Type::file_path, path) == std::set<std::string>{std::string(path) + '='}, path);
}
