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
    CHECK(list(Type::user_agent, "User-Agent: curlish/1.0 (x)\nnext") == "curlish/1.0 (x)");
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

TEST_CASE("intel::extract: a user agent ends where the sentence goes on, and what follows is found") {
    const std::string text =
        "used Mozilla/5.0 (Windows NT 10.0) and connected to evil-panel.com at 5.188.86.20";
    CHECK(list(Type::user_agent, text) == "Mozilla/5.0 (Windows NT 10.0)");
    CHECK(list(Type::domain, text) == "evil-panel.com");
    CHECK(list(Type::ipv4, text) == "5.188.86.20");
    CHECK(list(Type::user_agent, "Mozilla/4.0 (compatible; MSIE 7.0b; Windows NT 5.1) TLP:RED") ==
          "Mozilla/4.0 (compatible; MSIE 7.0b; Windows NT 5.1)");
    const std::string whole = "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/535.11 (KHTML, like Gecko) "
                              "Version/4.0 Mobile Chrome/17.0.963.56 Safari/535.11";
    CHECK(list(Type::user_agent, "It sent " + whole + ", then slept") == whole);
    CHECK(list(Type::user_agent, "with User-Agent: curlish/1.0 and then evil-panel.com") == "curlish/1.0");
    CHECK(list(Type::domain, "User-Agent: Mozilla/5.0 (Windows and evil-panel.com") == "evil-panel.com");
    CHECK(list(Type::user_agent, "„Mozilla/5.0 Evil Thing“ was sent") == "Mozilla/5.0 Evil Thing");
}

TEST_CASE("intel::extract: a quoted command ends at its quote, and what stands in it is found") {
    CHECK(list(Type::command_line, "It ran \"powershell.exe -enc SQBFAFgA\" and then slept.") ==
          "powershell.exe -enc SQBFAFgA");
    CHECK(list(Type::command_line, "It ran “cmd.exe /c whoami” and then slept.") == "cmd.exe /c whoami");
    CHECK(list(Type::command_line, "It ran «cmd.exe /c whoami», 「cmd.exe /c dir」") ==
          "cmd.exe /c whoami, cmd.exe /c dir");
    CHECK(list(Type::command_line, "\"cmd /c \"echo a\" -x\" and") == "cmd /c \"echo a\" -x");
    CHECK(list(Type::command_line, "> cmd.exe /c whoami. Then it slept") == "cmd.exe /c whoami");
    CHECK(list(Type::email, "“curl -d ann@evil-panel.com x” bob@evil-panel.com") ==
          "ann@evil-panel.com, bob@evil-panel.com");
}

TEST_CASE("intel::extract: paths with blanks and apostrophes are whole, a genitive is none of them") {
    CHECK(list(Type::file_path, "‘C:\\Users\\O’Brien\\my file.exe’ was") ==
          "C:\\Users\\O’Brien\\my file.exe");
    CHECK(list(Type::file_path, "'C:\\Users\\O'Brien\\my file.exe' was") ==
          "C:\\Users\\O'Brien\\my file.exe");
    CHECK(list(Type::file_path, "C:\\Users\\Bob's Files\\x.exe was") == "C:\\Users\\Bob's Files\\x.exe");
    CHECK(list(Type::file_path, "C:\\Temp\\evil.exe's hash, /home/o'brien/x.sh") ==
          "C:\\Temp\\evil.exe, /home/o'brien/x.sh");
    CHECK(list(Type::file_path, "/etc/passwd’s owner") == "/etc/passwd");
    CHECK(list(Type::file_path, "“C:\\Files – old\\a.exe”") == "C:\\Files – old\\a.exe");
    CHECK(list(Type::registry_key, "the “HKEY_USERS\\<USER SID>\\Software\\Run” key") ==
          "HKEY_USERS\\<USER SID>\\Software\\Run");
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
