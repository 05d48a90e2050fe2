#include "core/base/dotted_words.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <iterator>

namespace cti {
namespace {
// Sorted: it is searched by halves.
constexpr std::string_view k_extensions[] = {
    "7z",    "a",      "a3x",    "accdb",   "ace",      "ahk",  "apk",     "appx",     "arj",   "asax",
    "ashx",  "asmx",   "asp",    "aspx",    "au3",      "avi",  "ax",      "bak",      "bash",  "bat",
    "bin",   "bmp",    "bz2",    "c",       "cab",      "cer",  "cfg",     "chm",      "class", "cmd",
    "conf",  "config", "cpl",    "cpp",     "crt",      "crx",  "cs",      "csproj",   "css",   "csv",
    "dat",   "db",     "deb",    "desktop", "dex",      "dll",  "dmg",     "dmp",      "doc",   "docb",
    "docm",  "docx",   "dotm",   "drv",     "dylib",    "efi",  "elf",     "eml",      "etl",   "evtx",
    "exe",   "gif",    "go",     "gz",      "h",        "hlp",  "hpp",     "hta",      "htm",   "html",
    "ico",   "img",    "inf",    "ini",     "ipa",      "iso",  "jar",     "java",     "job",   "jpeg",
    "jpg",   "js",     "jse",    "json",    "jsp",      "jspx", "jsx",     "kext",     "key",   "ko",
    "less",  "lnk",    "log",    "lua",     "manifest", "map",  "md",      "mdb",      "mht",   "mjs",
    "mov",   "mp3",    "mp4",    "msg",     "msi",      "msix", "msp",     "mui",      "node",  "nse",
    "oab",   "ocx",    "ods",    "odt",     "old",      "one",  "onepkg",  "ost",      "ova",   "ovf",
    "p12",   "pak",    "pcap",   "pcapng",  "pdf",      "pem",  "pfx",     "php",      "phtml", "pkg",
    "pl",    "plist",  "png",    "ppam",    "ppt",      "pptm", "pptx",    "ps",       "ps1",   "psd1",
    "psm1",  "pst",    "pub",    "py",      "pyc",      "pyd",  "pyw",     "rar",      "rb",    "reg",
    "rpm",   "rs",     "rtf",    "scr",     "scss",     "sct",  "service", "settings", "sh",    "sln",
    "so",    "sql",    "sqlite", "svg",     "swf",      "sys",  "tar",     "tgz",      "timer", "tlb",
    "tmp",   "toml",   "tpl",    "ts",      "tsv",      "tsx",  "ttf",     "txt",      "vbe",   "vbproj",
    "vbs",   "vhd",    "vhdx",   "vmdk",    "vmx",      "war",  "wasm",    "wav",      "webp",  "woff",
    "woff2", "wsc",    "wsf",    "wsh",     "xll",      "xls",  "xlsb",    "xlsm",     "xlsx",  "xml",
    "xpi",   "xsl",    "xz",     "yaml",    "yar",      "yara", "yml",     "zip"};
static_assert(std::ranges::is_sorted(k_extensions));
}

bool is_file_extension(std::string_view extension) {
    constexpr std::size_t longest = 8;
    if (extension.empty() || extension.size() > longest) return false;
    char lower[longest];
    std::ranges::transform(extension, lower, [](char c) { return ascii_lower(c); });
    return std::ranges::binary_search(k_extensions, std::string_view(lower, extension.size()));
}

bool is_product_name(std::string_view written) {
    constexpr std::string_view names[] = {
        "ADO.NET",   "ASP.NET",   "JSON.NET",  "Json.NET",  "Lucene.NET", "ML.NET", "Microsoft.NET",
        "Paint.NET", "paint.NET", "Socket.IO", "System.IO", "System.NET", "VB.NET"};
    return std::ranges::find(names, written) != std::end(names);
}
}
