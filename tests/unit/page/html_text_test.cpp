#include "core/base/text.hpp"
#include "core/page/html/html_text.hpp"

#include <doctest/doctest.h>
#include <fstream>
#include <sstream>

using cti::page::html_to_text;

namespace {
std::string repeat(std::string_view part, std::size_t count) {
    std::string out;
    out.reserve(part.size() * count);
    for (; count > 0; --count) out += part;
    return out;
}

std::string read_data(const std::string& name) {
    std::ifstream in(std::string(CTI_TEST_DATA) + "/page/" + name, std::ios::binary);
    REQUIRE(in);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}
}

TEST_CASE("page::html_to_text: inline tags leave no space, blocks separate words") {
    CHECK(html_to_text("a<b>b</b>c") == "abc");
    CHECK(html_to_text("a <b> b</b>") == "a b");
    CHECK(html_to_text("<p>One</p><p>Two</p>") == "One\n\nTwo");
    CHECK(html_to_text("<div>One</div><div>Two</div>three") == "One\nTwo\nthree");
    CHECK(html_to_text("one<h2>Two</h2>three") == "one\n\nTwo\n\nthree");
    CHECK(html_to_text("<figure><img src=a alt='x'><figcaption>Fig. 1</figcaption></figure>text") ==
          "Fig. 1\n\ntext");
    CHECK(html_to_text("<custom-tag>a<o:p>b</o:p></custom-tag>c") == "abc");
}

TEST_CASE("page::html_to_text: white space folds and &nbsp; is a space") {
    CHECK(html_to_text("  a \n\t b  ") == "a b");
    CHECK(html_to_text("a&nbsp;&nbsp;b\xC2\xA0 c&#32;&#10;d") == "a b c d");
    CHECK(html_to_text("\xC2\xA9 \xE2\x80\x8B x") == "\xC2\xA9 \xE2\x80\x8B x");
    CHECK(html_to_text(" \n ").empty());
}

TEST_CASE("page::html_to_text: references are decoded exactly once") {
    CHECK(html_to_text("&lt;script&gt; &amp;lt; &amp;amp; R&D") == "<script> &lt; &amp; R&D");
    CHECK(html_to_text("&#8217;&rsquo;&eacute;") == "\xE2\x80\x99\xE2\x80\x99\xC3\xA9");
}

TEST_CASE("page::html_to_text: <br> ends a line, two of them leave a blank line") {
    CHECK(html_to_text("a<br>b<br/>c") == "a\nb\nc");
    CHECK(html_to_text("a<br><br>b<br>\n<br><br>c") == "a\n\nb\n\nc");
    CHECK(html_to_text("<br>a<br>") == "a");
}

TEST_CASE("page::html_to_text: an item is a line, nested lists and paragraphs in items too") {
    CHECK(html_to_text("x<ul><li>a</li><li><p>b</p></li><li>c<ul><li>d</li></ul></li></ul>y") ==
          "x\n\na\nb\nc\nd\n\ny");
    CHECK(html_to_text("<dl><dt>t<dd>d</dl>") == "t\nd");
}

TEST_CASE("page::html_to_text: a table row is a line, its cells joined by tabs") {
    CHECK(html_to_text("<table><tr><td>a</td><td>b</td></tr><tr><th>c<th>d</table>e") == "a\tb\nc\td\n\ne");
    CHECK(html_to_text("<table><tr><td>a<td><p>b</p><td> <td>c</tr></table>") == "a\tb\t\tc");
    CHECK(html_to_text("h<table><tr><td></td><td>x</td></tr></table>") == "h\n\n\tx");
    CHECK(html_to_text("<td>a</td><td>b</td>") == "a\tb");
}

TEST_CASE("page::html_to_text: <pre> is kept line by line with its indentation") {
    CHECK(html_to_text("x<pre><code>\nif a:\n    b &lt; c\r\n\td\n</code></pre>y") ==
          "x\n\nif a:\n    b < c\n\td\n\ny");
    CHECK(html_to_text("<pre>  a\n\n  b&nbsp;c</pre>") == "  a\n\n  b c");
    CHECK(html_to_text("<pre>a<br>b</pre> <p>c  d") == "a\nb\n\nc d");
}

TEST_CASE("page::html_to_text: scripts, styles, templates, comments and hidden elements give nothing") {
    CHECK(html_to_text("a<script>if (x</b>1) '</p>'</SCRIPT >b<style>p{}</style>c") == "abc");
    CHECK(html_to_text("a<!-- x > <b> -->b<!---->c<!-->d<!doctype html>e<?php x ?>f") == "abcdef");
    CHECK(html_to_text("a<iframe><p>no frames</iframe>b<template>x<template>y</template>z</template>c") ==
          "abc");
    CHECK(html_to_text("a<div hidden>x<div>y</div>z</div>b") == "a\nb");
    CHECK(html_to_text("a<span STYLE=\"color:red; Display : None\">x</span>b<p hidden>x<p>c") == "ab\n\nc");
    CHECK(html_to_text("a<script src=x />b") == "ab");
    CHECK(html_to_text("a<img hidden>b<input hidden>c") == "abc");
    CHECK(html_to_text("<noscript>kept</noscript>") == "kept");
}

TEST_CASE("page::html_to_text: a '>' in a quoted attribute does not end the tag") {
    CHECK(html_to_text("<a title=\"x > y\" href='<b>'>t</a>") == "t");
    CHECK(html_to_text("<a title=it's>t</a>, isn't it") == "t, isn't it");
    CHECK(html_to_text("<a =\"x>t</a>") == "t");
}

TEST_CASE("page::html_to_text: a '<' that starts no tag is text") {
    CHECK(html_to_text("a < b && c <3 <") == "a < b && c <3 <");
    CHECK(html_to_text("</>a</ b>c") == "ac");
}

TEST_CASE("page::html_to_text: what was read before a broken end is kept") {
    CHECK(html_to_text("<p>kept <a href=\"http://x") == "kept");
    CHECK(html_to_text("kept<!-- open") == "kept");
    CHECK(html_to_text("kept<script>open") == "kept");
    CHECK(html_to_text("<b>kept</b></div></ul></table></pre>") == "kept");
    CHECK(html_to_text("kept &am") == "kept &am");
}

TEST_CASE("page::html_to_text: alternative texts stand in only where nothing else does") {
    CHECK(html_to_text("<p><img alt='A chart &amp; a map' src=x><img alt=b></p>") == "A chart & a map b");
    CHECK(html_to_text("<img alt=a><p>text") == "text");
    CHECK(html_to_text("<img alt=a hidden>").empty());
}

TEST_CASE("page::html_to_text: CDATA marks around the whole are taken off") {
    CHECK(html_to_text(" <![CDATA[<p>a</p>b]]> ") == "a\n\nb");
    CHECK(html_to_text("<![CDATA[a") == "a");
}

TEST_CASE("page::html_to_text: ill-formed UTF-8 and NUL come out repaired") {
    CHECK(html_to_text(std::string_view("a\0b\xFFz\xC2", 6)) == "ab\xEF\xBF\xBDz\xEF\xBF\xBD");
    CHECK(html_to_text("&#0;x&#xD800;") == "x\xEF\xBF\xBD");
}

TEST_CASE("page::html_to_text: hostile input of a megabyte gives its text and ends") {
    constexpr std::size_t n = 1'000'000;
    CHECK(html_to_text(repeat("<", n)).size() == n);
    CHECK(html_to_text(repeat("<!--", n / 4)).empty());
    CHECK(html_to_text(repeat("<script>", n / 8)).empty());
    CHECK(html_to_text("x<script>" + repeat("</", n / 2)) == "x");
    CHECK(html_to_text("x<a " + repeat("b=c ", n / 4) + ">y") == "xy");
    CHECK(html_to_text("x<a " + repeat("\"'", n / 2)) == "x");
    CHECK(html_to_text(repeat("<div>", n / 5) + "x") == "x");
    CHECK(html_to_text(repeat("<div hidden>", n / 12) + "x").empty());
    CHECK(html_to_text(repeat("<ul><table><tr><td><pre>", n / 24) + "x" + repeat("</pre></ul>", n / 11)) ==
          "x");
    CHECK(html_to_text("a" + repeat("<br>", n / 4) + "b") == "a\n\nb");
    CHECK(html_to_text("<!--" + repeat("-", n)).empty());
    CHECK(html_to_text(repeat("&", n)).size() == n);
    CHECK(html_to_text("<pre>" + repeat(" \n", n / 2) + "</pre>").empty());
}

TEST_CASE("page::html_to_text: a report reads like its page") {
    CHECK(html_to_text(read_data("report.html")) + "\n" == read_data("report.txt"));
}
