#include "found.hpp"

#include <doctest/doctest.h>
#include <string>
#include <string_view>

// Where a path, an agent or a command stands in a sentence, it ends where that goes on.
namespace {
using namespace found;

struct Written {
    Type type;
    const char* text;
    const char* value;
};
const Written k_paths[] = {
    {Type::file_path, R"(C:\Users\Public\evil.exe)", R"(C:\Users\Public\evil.exe)"},
    {Type::file_path, "/tmp/.x/evil.bin", "/tmp/.x/evil.bin"},
    {Type::file_path, R"(%APPDATA%\x\y.dll)", R"(%APPDATA%\x\y.dll)"},
    {Type::registry_key, R"(HKCU\Software\Evil\Run)", R"(HKEY_CURRENT_USER\Software\Evil\Run)"},
    {Type::named_pipe, R"(\\.\pipe\evil_1)", "evil_1"},
};
// '%' is where the path goes.
const char* const k_sentences[] = {
    "攻撃者は%を実行した", "%进行通信",         "파일 %을 실행",           "%로 통신",    "ran %✅",
    "dosya %'i açtı",      "dosya %’dan geldi", "it wrote %[1] and slept", "“%”를 열었다"};
}

TEST_CASE("intel::extract: a path ends where another script, a sign, an ending or a footnote begins") {
    for (const auto& path : k_paths) {
        for (std::string sentence : k_sentences) {
            sentence.replace(sentence.find('%'), 1, path.text);
            CAPTURE(sentence);
            CHECK(list(path.type, sentence) == path.value);
        }
    }
    CHECK(list(Type::filename, "攻撃者はC:\\x\\evil.exeを実行した") == "evil.exe");
    CHECK(list(Type::file_path, R"(C:\x\evil.exe(loader) ran)") == R"(C:\x\evil.exe)");
    CHECK(list(Type::file_path, R"(C:\Users\张三\evil.exe)") == R"(C:\Users\张三\evil.exe)");
    CHECK(list(Type::file_path, R"(C:\Data文件\evil.exe)") == R"(C:\Data文件\evil.exe)");
    CHECK(list(Type::file_path, R"(C:\Users\Bob's Files\x.exe was)") == R"(C:\Users\Bob's Files\x.exe)");
    CHECK(list(Type::file_path, "/home/o'brien/x was read") == "/home/o'brien/x");
}

TEST_CASE("intel::extract: parts of a path that stand for any name belong to it") {
    CHECK(list(Type::file_path, "it read /home/<user>/.config/evil") == "/home/<user>/.config/evil");
    CHECK(list(Type::file_path, "it read /proc/<pid>/mem") == "/proc/<pid>/mem");
    CHECK(list(Type::file_path, "/home/{user}/.ssh/id_rsa was read") == "/home/{user}/.ssh/id_rsa");
    CHECK(list(Type::file_path, "/Users/[username]/Library/x was read") == "/Users/[username]/Library/x");
    CHECK(list(Type::file_path, R"(C:\Users\...\x.exe ran)") == R"(C:\Users\...\x.exe)");
    CHECK(list(Type::file_path, R"(C:\Users\…\x.exe ran)") == R"(C:\Users\…\x.exe)");
    CHECK(list(Type::file_path, "it read /etc/passwd</b> and") == "/etc/passwd");
}

TEST_CASE("intel::extract: paths as shells, devices and WebDAV write them") {
    CHECK(list(Type::file_path, "it dropped C:/Users/Public/evil2.exe there") == "C:/Users/Public/evil2.exe");
    CHECK(list(Type::file_path, R"(%ProgramFiles(x86)%\Evil\x.exe ran)") ==
          R"(%ProgramFiles(x86)%\Evil\x.exe)");
    CHECK(list(Type::file_path, R"(ran $env:TEMP\evil.ps1 then)") == R"($env:TEMP\evil.ps1)");
    CHECK(list(Type::file_path, "in $HOME/.evil/x and ${HOME}/.cache/y") ==
          "$HOME/.evil/x, ${HOME}/.cache/y");
    CHECK(list(Type::file_path, R"(\Device\HarddiskVolume2\Windows\x.exe ran)") ==
          R"(\Device\HarddiskVolume2\Windows\x.exe)");
    const std::string webdav = R"(\\evil-panel.com@SSL@8443\DavWWWRoot\x.dll)";
    CHECK(list(Type::file_path, webdav) == webdav);
    CHECK(list(Type::domain, webdav) == "evil-panel.com");
    CHECK(list(Type::url, "https://evil-panel.com/a") == "https://evil-panel.com/a");
}

TEST_CASE("intel::extract: a labelled agent ends where the sentence goes on") {
    const auto agent = [](std::string_view text) { return list(Type::user_agent, text); };
    CHECK(agent("User-Agent: evilbot/1.0 was used by the loader") == "evilbot/1.0");
    CHECK(agent("User-Agent: evilbot/1.0. It then connected to evil-panel.com") == "evilbot/1.0");
    CHECK(agent("User-Agent: Go-http-client/1.1, IP: 5.188.86.20") == "Go-http-client/1.1");
    CHECK(agent("User-Agent: WinHTTP Example/1.0 and Host: evil-panel.com") == "WinHTTP Example/1.0");
    CHECK(agent("User-Agent: Opera/9.80 (Windows NT 6.1) Presto/2.12.388 contacted evil-panel.com") ==
          "Opera/9.80 (Windows NT 6.1) Presto/2.12.388");
    CHECK(agent("User-Agent: Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 [1]") ==
          "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101");
    CHECK(agent("The user agent \"Go-http-client/1.1\" was sent") == "Go-http-client/1.1");
    CHECK(agent("User-Agent string “evilbot 1.0”") == "evilbot 1.0");
    CHECK(agent("User-Agent header set to \"evilbot/1.0\"") == "evilbot/1.0");
    CHECK(agent("User-Agent: My Custom Agent 1.0\nHost: x") == "My Custom Agent 1.0");
}

TEST_CASE("intel::extract: a command without quotes ends where the sentence goes on") {
    const auto command = [](std::string_view text) { return list(Type::command_line, text); };
    CHECK(command("powershell.exe -enc SQBFAFgA and then slept.") == "powershell.exe -enc SQBFAFgA");
    CHECK(command("cmd.exe /c whoami, which shows the user") == "cmd.exe /c whoami");
    CHECK(command("cmd.exe /c \"echo a and b\" and then slept") == "cmd.exe /c \"echo a and b\"");
    CHECK(command("cmd.exe /c whoami && net user") == "cmd.exe /c whoami && net user");
}

TEST_CASE("intel::extract: a raised digit is of a footnote, and an arrow ends an address") {
    CHECK(list(Type::domain, "evil-panel.com¹ and evil-panel2.com.²") == "evil-panel.com, evil-panel2.com");
    CHECK(list(Type::ipv4, "5.188.86.20³") == "5.188.86.20");
    CHECK(list(Type::attack_technique, "T1566⁴") == "T1566");
    CHECK(list(Type::url, "http://evil-panel.com/x.sh->/tmp/x") == "http://evil-panel.com/x.sh");
    CHECK(list(Type::cve, "CVE⁃2024⁃1235, CVE˗2024˗1236 and CVE--2024--1237") ==
          "CVE-2024-1235, CVE-2024-1236, CVE-2024-1237");
    CHECK(list(Type::ipv6, "2001:470:1f0b::5->x, 2001:470:1f0b::6-->x") ==
          "2001:470:1f0b::5, 2001:470:1f0b::6");
    CHECK(list(Type::ipv6, "2001:470:1f0b::5-7 is a range").empty());
    CHECK(list(Type::cidr, "5.188.86.0/24->x") == "5.188.86.0/24");
    CHECK(list(Type::url, "5.188.86.0/24->x").empty());
    CHECK(list(Type::btc, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa->x") == "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
    CHECK(list(Type::md5, "900150983cd24fb0d6963f7d28e17f72->x") == "900150983cd24fb0d6963f7d28e17f72");
    CHECK(list(Type::email, "name_@evil-panel.com->x") == "name_@evil-panel.com");
}

TEST_CASE("intel::extract: a blank in a path of Unix stands between names with capitals") {
    CHECK(list(Type::file_path, "ran /opt/Evil Corp/run.sh then") == "/opt/Evil Corp/run.sh");
    CHECK(list(Type::file_path, "ran /opt/Evil Corp, then") == "/opt/Evil");
    CHECK(list(Type::file_path, "/tmp/x/y Windows/Linux hosts have") == "/tmp/x/y");
}

TEST_CASE("intel::extract: each name of a list that a label announces, and one before its label") {
    CHECK(list(Type::mutex, "the mutexes ‘A_1’, ‘B_2’ and “C_3” exist") == "A_1, B_2, C_3");
    CHECK(list(Type::mutex, "mutexes \"A_1\", \"B_2\", and \"C_3\".") == "A_1, B_2, C_3");
    const std::string both = "It creates the “EvilMx” mutex and the \"EvilSvc\" service.";
    CHECK(list(Type::mutex, both) == "EvilMx");
    CHECK(list(Type::service, both) == "EvilSvc");
    CHECK(list(Type::service, "the services \"EvilSvc\" and \"EvilTwo\"") == "EvilSvc, EvilTwo");
    CHECK(list(Type::named_pipe, "named pipes \"evil_1\" and \"evil_2\"; the «evil_3» named pipe") ==
          "evil_1, evil_2, evil_3");
    CHECK(list(Type::scheduled_task, "scheduled tasks “Evil A” und “Evil B”, the “Evil C” scheduled task") ==
          "Evil A, Evil B, Evil C");
    CHECK(list(Type::mutex, "the mutex \"A_1\" and \"quoted words\" of prose").starts_with("A_1"));
    CHECK(list(Type::service, "He said \"never\" and left the service").empty());
}

TEST_CASE("intel::extract: of a list without quotes, what no sentence has") {
    const auto mutexes = [](std::string_view text) { return list(Type::mutex, text); };
    CHECK(mutexes("creates the mutexes: EvilMx1, EvilMx2 and EvilMx3 and sleeps") ==
          "EvilMx1, EvilMx2, EvilMx3");
    CHECK(mutexes("Mutexes: Global\\a; b_1") == "Global\\a, b_1");
    CHECK(mutexes("Mutex: EvilMx1, and then it connects") == "EvilMx1");
    CHECK(mutexes("Mutex: EvilMx1, MD5: 900150983cd24fb0d6963f7d28e17f72") == "EvilMx1");
    CHECK(mutexes("Mutex: EvilMx1, 5.188.86.20, 900150983cd24fb0d6963f7d28e17f72") == "EvilMx1");
    CHECK(list(Type::service, "service name: EvilSvc, EvilSvc2") == "EvilSvc, EvilSvc2");
}

TEST_CASE("intel::extract: labels as JSON, tables and other languages have them") {
    const auto mutexes = [](std::string_view text) { return list(Type::mutex, text); };
    CHECK(mutexes(R"({"mutex": "EvilMx1", "mutex_name":"EvilMx2"})") == "EvilMx1, EvilMx2");
    CHECK(mutexes("Mutex-Name: EvilMx1") == "EvilMx1");
    CHECK(mutexes("Type | Value\nMutex | EvilMx1\nMutex\tEvilMx2\n") == "EvilMx1, EvilMx2");
    CHECK(mutexes("Mutex | Description\n").empty());
    CHECK(mutexes("создаёт мьютекс «EvilMx1» и мьютексы: EvilMx2, EvilMx3") == "EvilMx1, EvilMx2, EvilMx3");
    CHECK(mutexes("мьютекс с именем EvilMx1") == "EvilMx1");
    CHECK(mutexes("作成されたミューテックス「EvilMx1」、互斥体：EvilMx2") == "EvilMx1, EvilMx2");
    CHECK(mutexes("ein Mutex mit dem Namen EvilMx1, un mutex llamado EvilMx2") == "EvilMx1, EvilMx2");
    CHECK(mutexes("мьютекс проверяется").empty());
}
