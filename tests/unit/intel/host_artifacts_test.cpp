#include "found.hpp"

#include <doctest/doctest.h>

using namespace found;

TEST_CASE("intel::extract: registry keys have their full hive, and end where prose goes on") {
    const std::string run = "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run";
    CHECK(list(Type::registry_key,
               "the key HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run is written") == run);
    CHECK(list(Type::registry_key, "HKCU:\\Software\\\\Microsoft\\Windows\\CurrentVersion\\Run.") == run);
    CHECK(
        list(Type::registry_key,
             "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon and HKLM\\SYSTEM\\Setup") ==
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon, HKEY_LOCAL_MACHINE\\SYSTEM\\Setup");
    CHECK(list(Type::registry_key, "`HKLM\\SYSTEM\\A key\\with blanks`") ==
          "HKEY_LOCAL_MACHINE\\SYSTEM\\A key\\with blanks");
    CHECK(list(Type::registry_key, "HKLM is a hive").empty());
}

TEST_CASE("intel::extract: paths of Windows and Unix, with the file's name beside them") {
    CHECK(list(Type::file_path, "in C:\\Program Files (x86)\\A B\\c.exe, or") ==
          "C:\\Program Files (x86)\\A B\\c.exe");
    CHECK(list(Type::file_path, "%APPDATA%\\x\\y.dll \\\\server\\share\\z.bat") ==
          "%APPDATA%\\x\\y.dll, \\\\server\\share\\z.bat");
    CHECK(list(Type::file_path, "C:\\Windows\\System32\\cmd.exe /c dir") == "C:\\Windows\\System32\\cmd.exe");
    CHECK(list(Type::file_path, "wrote /etc/ld.so.preload and ~/.ssh/id_rsa.") ==
          "/etc/ld.so.preload, ~/.ssh/id_rsa");
    CHECK(list(Type::file_path, "and/or /not/a/root https://a.example.com/etc/passwd").empty());
    CHECK(list(Type::filename, "C:\\Temp\\evil.exe") == "evil.exe");
    CHECK(list(Type::filename, "nothing.here e.g. 3.5").empty());
}

TEST_CASE("intel::extract: what a label names") {
    CHECK(list(Type::mutex, "creates a mutex named \"Global\\abc\"; Mutex: xyz-123") ==
          "Global\\abc, xyz-123");
    CHECK(list(Type::service, "the service named `Updater` and a service that runs") == "Updater");
    CHECK(list(Type::scheduled_task, "a scheduled task called 'Sync'") == "Sync");
    CHECK(list(Type::named_pipe, "opens \\\\.\\pipe\\msagent_12 there") == "msagent_12");
    CHECK(list(Type::user_agent, "User-Agent: curlish/1.0 (x)\nnext") == "curlish/1.0 (x");
    CHECK(list(Type::user_agent, "\"Mozilla/5.0 (Windows NT 10.0) Gecko\"") ==
          "Mozilla/5.0 (Windows NT 10.0) Gecko");
    CHECK(list(Type::mutex, "the mutex is checked").empty());
}

TEST_CASE("intel::extract: command lines where a line or a quote begins") {
    CHECK(list(Type::command_line, "it ran `powershell -enc AAAA` then") == "powershell -enc AAAA");
    CHECK(list(Type::command_line, "$ curl http://a.example.com/x -o y\n") ==
          "curl http://a.example.com/x -o y");
    CHECK(list(Type::command_line, "We saw powershell used in the attack - often").empty());
}

TEST_CASE("intel::extract: YARA and Sigma rules by their names, over many lines") {
    const std::string yara = "rule Loader_A : tag\n{\n strings:\n  $a = \"}\"\n condition:\n  $a\n}\n";
    const auto found = extractor().extract("x " + yara).indicators;
    REQUIRE(!found.empty());
    CHECK(list(Type::yara_rule, "x " + yara) == "Loader_A");
    CHECK(found[0].end - found[0].start == yara.size() - 1);
    CHECK(list(Type::yara_rule, "rule A { condition true } rule B { condition: true").empty());
    CHECK(list(Type::sigma_rule,
               "a\ntitle: 'Odd Child'\nlogsource:\n  product: windows\ndetection:\n  x: 1\nThe end") ==
          "Odd Child");
    CHECK(list(Type::sigma_rule, "title: A page\nlayout: post\n").empty());
}
