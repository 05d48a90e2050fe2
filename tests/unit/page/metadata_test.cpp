#include "core/page/date_text.hpp"
#include "core/page/page.hpp"

#include <doctest/doctest.h>
#include <string>

namespace {
using namespace cti::page;

std::string day_in(std::string_view text, SlashOrder order = SlashOrder::month_first) {
    std::size_t pos = 0;
    const auto day = next_date(text, pos, order);
    return day ? to_page_date(*day, "").written : "";
}
std::string written(std::string_view value, SlashOrder order = SlashOrder::month_first) {
    const auto date = read_date(value, "", order);
    return date ? date->written : "";
}
Page page_of(const std::string& html, std::string url = "https://site.example/a") {
    PageOptions options;
    options.url = std::move(url);
    return extract(html, options);
}
std::string published(const std::string& html, std::string url = "https://site.example/a") {
    const auto page = page_of(html, std::move(url));
    return page.published ? page.published->written : "";
}
}

TEST_CASE("page::next_date: dates are found in running text") {
    CHECK(day_in("Published 2019-11-20 by us") == "2019-11-20");
    CHECK(day_in("am 20.11.2019 um 8") == "2019-11-20");
    CHECK(day_in("20. November 2019") == "2019-11-20");
    CHECK(day_in("on Nov. 20th, 2019.") == "2019-11-20");
    CHECK(day_in("November 20 2019") == "2019-11-20");
    CHECK(day_in("20 de noviembre de 2019") == "2019-11-20");
    CHECK(day_in("le 1er mars 2020") == "2020-03-01");
    CHECK(day_in("2019年11月20日") == "2019-11-20");
    CHECK(day_in("11/20/2019") == "2019-11-20");
    CHECK(day_in("03/04/2019") == "2019-03-04");
    CHECK(day_in("03/04/2019", SlashOrder::day_first) == "2019-04-03");
    CHECK(day_in("20.11.19") == "2019-11-20");
}

TEST_CASE("page::next_date: numbers that are no dates are passed over") {
    CHECK(day_in("version 1.2.2019.4 of 10.0.0.1") == "");
    CHECK(day_in("$20.11.2019") == "");
    CHECK(day_in("32.13.2019 and 2019-13-01") == "");
    CHECK(day_in("the 3 of march and 1 apple 2019") == "");
    CHECK(day_in("call 2019-1234-55") == "");
}

TEST_CASE("page::date_in_url: a whole day only") {
    CHECK(date_in_url("https://a.example/2019/11/20/title").has_value());
    CHECK(date_in_url("https://a.example/news-20191120.html").has_value());
    CHECK(date_in_url("https://a.example/2019-11-20-title").has_value());
    CHECK(date_in_url("https://a.example/2019/7/2/title") == Day{2019, 7, 2});
    CHECK_FALSE(date_in_url("https://a.example/2019/11/3-questions").has_value());
    CHECK_FALSE(date_in_url("https://a.example/2019/11/title").has_value());
    CHECK_FALSE(date_in_url("https://a.example/id/201911200001").has_value());
    CHECK_FALSE(date_in_url("https://a.example/2019/13/40/").has_value());
}

TEST_CASE("page::read_date: the day stays the one that was written") {
    CHECK(written("2019-11-20T23:30:00-05:00") == "2019-11-20T23:30:00-05:00");
    CHECK(written("2019-11-20T23:30:00.000Z") == "2019-11-20T23:30:00Z");
    CHECK(written("Wed, 20 Nov 2019 23:30:00 +0530") == "2019-11-20T23:30:00+05:30");
    CHECK(written("2019-11-20") == "2019-11-20");
    CHECK(written("November 20, 2019") == "2019-11-20");
    CHECK(written("Posted on 20 November 2019 by X") == "2019-11-20");
    CHECK(written("03/04/2019", SlashOrder::day_first) == "2019-04-03");
    CHECK(written("0001-01-01T00:00:00Z") == "");
    CHECK(written("soon") == "");
}

TEST_CASE("page::find_dates: machines' words before readers', the address before the text") {
    CHECK(
        published(
            "<meta property=article:published_time content=2020-01-02><time datetime=2021-01-01>x</time>") ==
        "2020-01-02");
    CHECK(
        published(
            "<time class=updated datetime=2021-02-02>x</time><time class=entry-date datetime=2021-01-01>x</time>") ==
        "2021-01-01");
    CHECK(published("<h1>x</h1><p>5 May 2018</p>", "https://site.example/2019/11/20/a") == "2019-11-20");
    CHECK(published("<h1>x</h1><span class=post-date>May 5, 2018</span>") == "2018-05-05");
    CHECK(published("<h1>x</h1><p>Berlin, 5 May 2018</p>") == "2018-05-05");
    CHECK(published("<h1>x</h1><p>no day at all</p>") == "");
}

TEST_CASE("page::find_dates: the day that readers saw wins over the day in UTC") {
    CHECK(published("<meta property=article:published_time content=2023-11-09T03:28:35Z>",
                    "https://site.example/2023/11/08/a") == "2023-11-08");
    CHECK(
        published(
            "<meta property=article:published_time content=2023-11-09T03:28:35Z><meta name=sailthru.date content=\"2023-11-08 22:28:35\">") ==
        "2023-11-08T22:28:35-05:00");
    CHECK(published("<meta property=article:published_time content=2023-11-09T03:28:35Z>",
                    "https://site.example/2022/01/01/a") == "2023-11-09T03:28:35Z");
}

TEST_CASE("page::find_dates: an hour before midnight in UTC is the next day's morning") {
    CHECK(published("<meta property=article:published_time content=2023-11-01T23:01:00Z>",
                    "https://site.example/2023/11/02/a") == "2023-11-02");
}

TEST_CASE("page::find_dates: of two fields that are days apart the one that stands at the title is right") {
    const std::string two = "<script type=\"application/ld+json\">{\"@type\":\"Article\",\"datePublished\":"
                            "\"2021-12-06T14:36:00Z\"}</script><meta property=article:published_time "
                            "content=2022-12-15T09:13:00><h1>Title</h1>";
    CHECK(published(two + "<p>15.12.2022</p>") == "2022-12-15T09:13:00Z");
    CHECK(published(two + "<p>Whatever</p>") == "2021-12-06T14:36:00Z");
    CHECK(published("<meta name=date content=2022-01-21T15:38:44+01:00><h1>Title</h1><p>27.01.2022</p>") ==
          "2022-01-27");
    CHECK(published("<script type=\"application/ld+json\">{\"@type\":\"Article\",\"datePublished\":"
                    "\"2019-06-17\"}</script>",
                    "https://site.example/2017/7/12/a") == "2017-07-12");
}

TEST_CASE("page::find_dates: the time behind the title wins over another article's before it") {
    CHECK(
        published(
            "<div><time datetime=2019-07-30>x</time></div><h1>Title</h1><time datetime=2019-06-27>y</time>") ==
        "2019-06-27");
    CHECK(published("<h1>Title</h1><div><span>Dec 17, 2025</span></div>" + std::string(300, 'x') +
                    "<div class=byline>Nov 25, 2025</div>") == "2025-12-17");
    CHECK(
        published(
            "<title>News from the valley - Paper</title><p>8 Dec 2020</p><h1>Paper</h1><div><div><div><div><p>"
            "a</p><p>b</p><p>c</p><p>d</p><h1>News from the valley</h1><p>13 Oct 2020</p>") == "2020-10-13");
}

TEST_CASE(
    "page::find_dates: the day of a change is taken for that of publication only where there is no other") {
    CHECK(published("<h1>Title</h1><p>Updated: 3 March 2022</p><p>Published: 1 March 2021</p>") ==
          "2021-03-01");
    CHECK(published("<h1>Titel</h1><p>Aktualisiert am 3.3.2022, veröffentlicht am 1.3.2021</p>") ==
          "2021-03-01");
    CHECK(published("<h1>Title</h1><p>Updated: 3 March 2022</p>") == "2022-03-03");
}

TEST_CASE("page::find_dates: a page that says its day in a script alone has it from there") {
    CHECK(published("<h1>Title</h1><script>x = {\"published_at\":\"2019-03-02T06:22:28+01:00\"}</script>") ==
          "2019-03-02");
    CHECK(
        published(
            "<h1>Title</h1><div data-x=\"{&quot;datePublished&quot;:&quot;2025-11-17T09:00&quot;}\"></div>") ==
        "2025-11-17");
    CHECK(published("<h1>Title</h1><script>datePublished = article.date; id = 20190302;</script>") == "");
}

TEST_CASE("page::find_dates: the day of an event that a sentence tells is not that of publication") {
    const std::string text = "<p>This paragraph says nothing at some length, and it has no day at all.</p>";
    for (const std::string sentence :
         {"On January 3, 2020 the group attacked a bank in Bonn and took all of the money.",
          "The first sample was compiled on 3 January 2020 by nobody.",
          "CVE-2020-0101 was fixed on 2020-03-10.", "The first sample was compiled on <b>3 January 2020</b>.",
          "Am 3. Januar 2020 griff die Gruppe eine Bank an.",
          "Le 3 janvier 2020, le groupe a attaqué une banque.",
          "El 3 de enero de 2020 el grupo atacó un banco.", "3 января 2020 года группа атаковала банк.",
          "2020年1月3日、攻撃者は銀行を攻撃した。", "2020年1月3日，攻击者攻击了一家银行。",
          "2020년 1월 3일 공격자는 은행을 공격했다.", "Il 3 gennaio 2020 il gruppo ha attaccato una banca.",
          "Op 3 januari 2020 viel de groep een bank aan.", "3 Ocak 2020 tarihinde grup bir bankaya saldırdı.",
          "W dniu 3 stycznia 2020 grupa zaatakowała bank.", "First seen: 2020-01-03",
          "Em 3 de janeiro de 2020 o grupo atacou um banco.",
          "It was seen on <time datetime=2020-01-03>3 January</time> for the first time.",
          "في 3 يناير 2020 هاجمت المجموعة بنكا."}) {
        CAPTURE(sentence);
        CHECK(published("<h1>Foxes</h1><p>" + sentence + "</p>" + text) == "");
        CHECK(published("<h1>Foxes</h1>" + text + "<p>" + sentence + "</p>") == "");
        CHECK(published("<h1>Foxes</h1><p>" + sentence + "</p>" + text + "<p>5 March 2024</p>") ==
              "2024-03-05");
    }
}

TEST_CASE("page::find_dates: a timeline's day is not that of publication") {
    CHECK(published(
              "<h1>Foxes</h1><p>Text.</p><ul><li>January 3, 2020 - the first mail with the loader reached a "
              "bank in Bonn</li><li>Last seen: 2020-02-01</li></ul>") == "");
    CHECK(published("<h1>Foxes</h1><ul><li>January 3, 2020</li><li>News</li></ul>") == "2020-01-03");
    CHECK(published("<h1>Foxes</h1><p><strong>03.01.2020 „Die Lage ist gut“, sagte sie am Montag in Bonn und "
                    "freute sich sehr.</strong></p>") == "2020-01-03");
}

TEST_CASE("page::find_dates: labels, places and names beside a day make no sentence") {
    for (const std::string line :
         {"2024년 3월 5일", "작성일: 2024년 3월 5일", "입력 2024.03.05 10:30", "2024. 3. 5.",
          "2024 年 3 月 5 日", "投稿日：2024年3月5日", "发布于 2024年3月5日", "نشر في 5 مارس 2024",
          "5 Mart 2024", "Yayınlanma tarihi: 5 Mart 2024", "Berlin, 5 March 2024",
          "Published on March 5, 2024.", "5 марта 2024", "Posted by Ada Meyer on March 5, 2024 in News",
          "PARIS, March 5, 2024 /PRNewswire/ -- The company said today that it will go on and on."}) {
        CAPTURE(line);
        CHECK(published("<h1>Foxes</h1><p>" + line + "</p><p>Some text.</p>") == "2024-03-05");
    }
}

TEST_CASE("page::find_dates: other articles' days are not the page's") {
    const std::string list =
        "<script type=\"application/ld+json\">{\"@type\":\"ItemList\",\"itemListElement\":[{\"@type\":"
        "\"ListItem\",\"item\":{\"@type\":\"NewsArticle\",\"url\":\"https://site.example/b\","
        "\"datePublished\":\"2020-02-02\",\"author\":\"Bob Other\"}}]}</script>";
    CHECK(published(list + "<h1>Foxes</h1><p class=byline>By Ada Meyer, March 5, 2024</p>") == "2024-03-05");
    CHECK(published(list + "<h1>Foxes</h1><p>Text.</p>") == "");
    CHECK(page_of(list + "<h1>Foxes</h1>").authors.empty());
    CHECK(published(list + "<h1>Foxes</h1>", "https://site.example/b") == "2020-02-02");
    const std::string article =
        "<article><h1>Foxes</h1><span class=date>5 March 2024</span><p>Text.</p></article>";
    CHECK(published(article + "<aside><h3>Related</h3><time datetime=2020-01-02>x</time></aside>") ==
          "2024-03-05");
    CHECK(published("<div><h3>Latest posts</h3><time datetime=2020-01-02>x</time></div>" + article) ==
          "2024-03-05");
    CHECK(published("<article><h1>Foxes</h1><aside><time datetime=2024-03-05>x</time></aside></article>") ==
          "2024-03-05");
}

TEST_CASE("page::find_authors: other articles' authors are not the page's") {
    const std::string article = "<article><h1>Foxes</h1><p>Text.</p></article>";
    const std::string other = "<h3>Related</h3><a href=/x>Other foxes</a><span class=author>Bob Other</span>";
    CHECK(page_of(article + "<section class=related>" + other + "</section>").authors.empty());
    CHECK(page_of(article + "<section>" + other + "</section>").authors.empty());
    CHECK(page_of("<aside>" + other + "</aside>" + article).authors.empty());
    CHECK(page_of(
              "<h1>Foxes</h1><section><h3>About the author</h3><span class=author>Ada Meyer</span></section>")
              .authors == std::vector<std::string>{"Ada Meyer"});
}

TEST_CASE("page::find_title: headings and metadata confirm each other") {
    CHECK(page_of("<title>The news of the day | Site</title><h1>Site</h1><h1>The news of the day</h1>")
              .title.value == "The news of the day");
    CHECK(
        page_of(
            "<meta property=og:title content=\"Governor signs the law\"><h1>Politics | Governor signs the law</h1>")
            .title.value == "Governor signs the law");
    CHECK(
        page_of(
            "<title>A tale of two loaders - Example Labs</title><meta property=og:site_name content=\"Example Labs\">")
            .title.value == "A tale of two loaders");
    CHECK(page_of("<title>About foxes in winter</title><h1>Subscribe now</h1>").title.value ==
          "About foxes in winter");
    CHECK(page_of("<title>x &amp; y &rsquo;</title>").title.value == "x & y ’");
    CHECK(page_of("<h1>Only a heading</h1>").title.value == "Only a heading");
}

TEST_CASE("page::find_authors: names without what stands around them") {
    CHECK(page_of("<meta name=author content=\"By Ada Meyer, MD and Ben O'Hara\">").authors ==
          std::vector<std::string>{"Ada Meyer", "Ben O'Hara"});
    CHECK(page_of("<h1>t</h1><div class=byline>By Ada Meyer | Senior Editor | May 5, 2018</div>").authors ==
          std::vector<std::string>{"Ada Meyer"});
    CHECK(page_of("<h1>t</h1><p>Von Jörg Müller</p>").authors == std::vector<std::string>{"Jörg Müller"});
    // Marks of several bytes go as a whole, and letters that share bytes with them stay.
    CHECK(page_of("<meta name=author content='— Juris Zeķ •'>").authors ==
          std::vector<std::string>{"Juris Zeķ"});
    CHECK(page_of(
              "<meta name=author content=\"https://site.example/u/1\"><a rel=author href=/u/1>Ada Meyer</a>")
              .authors == std::vector<std::string>{"Ada Meyer"});
    CHECK(page_of("<meta name=author content=admin>").authors.empty());
    CHECK(page_of("<div id=comments><div class=author>Reader One</div></div>").authors.empty());
}

TEST_CASE("page::find_authors: the link in a byline is the name, in small letters too") {
    const auto authors = [](const std::string& html) { return page_of("<h1>t</h1>" + html).authors; };
    const std::vector<std::string> ada{"Ada Meyer"};
    CHECK(
        authors(
            "<span class=byline>Posted by <span class='author vcard'><a class='url fn n' href=/author/am/>nightowl"
            "</a></span></span>") == std::vector<std::string>{"nightowl"});
    CHECK(
        authors(
            "<span class=byline>Veröffentlicht von<span class=author><a href=/author/am/>Ada Meyer</a></span></span>") ==
        ada);
    CHECK(authors("<div class=author>Posted on September 21, 2020 by Ada Meyer</div>") == ada);
    CHECK(authors("<a href=/authors/ada-meyer><span>Ada Meyer</span></a>") == ada);
    CHECK(authors("<a href=/author/ada>More by Ada Meyer</a>").empty());
    CHECK(authors("<div><span>By</span></div><div>Ada Meyer</div>") == ada);
    CHECK(authors("<p>Autor: Ada Meyer</p>") == ada);
    CHECK(authors("<p>06.11.2023 13:30 von Ada Meyer</p>") == ada);
    CHECK(authors("<span class=author>Ada Meyer Ada Meyer</span>") == ada);
    CHECK(
        authors(
            "<a rel=author href=/a>Ada Meyer</a>" + std::string("<p>x</p>") +
            "<ul><li>1<li>2<li>3<li>4<li>5<li>6<li>7<li>8<li>9<li>10<li>11<li>12<li>13<li>14<li>15<li>16<li>17<li>18"
            "<li>19<li>20<li>21<li>22<li>23<li>24<li>25<li>26<li>27<li>28<li>29<li>30<li>31<li>32</ul>"
            "<a rel=author href=/b>Ben O'Hara</a>") == ada);
}

TEST_CASE("page::find_authors: a person is found behind a house, an account or a first name") {
    const auto authors = [](const std::string& html) {
        return page_of(html, "https://www.daily-post.example/a").authors;
    };
    const std::vector<std::string> ada{"Ada Meyer"};
    const std::string byline = "<h1>t</h1><div class=byline>By Ada Meyer</div>";
    for (const char* stand_in : {"Web Commerce GmbH", "Hans-Meyer-Stiftung", "Example Magazine",
                                 "Team Example", "ada-meyer", "ameyer2", "The Planetary Press"})
        CHECK_MESSAGE(authors(std::string("<meta name=author content='") + stand_in + "'>" + byline) == ada,
                      stand_in);
    // One field holds the house, another one the person.
    CHECK(authors(
              "<script type='application/ld+json'>{\"@type\":\"Article\",\"author\":\"Daily Post\"}</script>"
              "<meta property='article:author' content='Ada Meyer'>") == ada);
    CHECK(authors("<meta name=author content='Institute of Woods and Meadows Foundation'>") ==
          std::vector<std::string>{"Institute of Woods and Meadows Foundation"});
    CHECK(authors("<meta name=author content=wordpressadmin>").empty());
    CHECK(
        authors(
            "<meta name=author content=Ada><div class=author-box><p>Ada Meyer is a journalist.</p></div>") ==
        ada);
    CHECK(authors("<meta name=author content=Ada><p>Ada Meyer is a journalist.</p>") ==
          std::vector<std::string>{"Ada"});
    CHECK(authors("<meta name=author content=nightowl><h1>t</h1><div class=byline>By Nobody</div>") ==
          std::vector<std::string>{"nightowl"});
    CHECK(authors("<meta name=author content='Ada Meyer The Associated Press'>") == ada);
    CHECK(
        authors(
            "<meta name=citation_author content='Ada Meyer'><meta name=citation_author content='Ben Ohm'>") ==
        std::vector<std::string>{"Ada Meyer", "Ben Ohm"});
}

TEST_CASE("page::find_authors: labels, accounts and elements that say who wrote it") {
    const auto authors = [](const std::string& html) { return page_of("<h1>Title</h1>" + html).authors; };
    const std::vector<std::string> ada{"Ada Meyer"};
    CHECK(authors("<byline>Von Ada Meyer, dpa</byline>") == ada);
    CHECK(authors("<h5>Autor: </h5>Ada Meyer/SP-X                                                    ") ==
          ada);
    CHECK(authors("<span>| By </span> <span>Ada Meyer</span>") == ada);
    CHECK(authors("<div>Gespeichert von <span class=username>nightowl</span></div>") ==
          std::vector<std::string>{"nightowl"});
    CHECK(authors("<p>Von Firmenpleiten</p><p>By</p>").empty());
    CHECK(page_of("<h1>Yellow Vests and I</h1><div class=author-title>Yellow Vests and I</div>")
              .authors.empty());
    CHECK(authors("<p>Autorin: Ada Meyer, Projektleiterin der Stiftung</p>") == ada);
}

TEST_CASE("page::find_authors: what is no name is left out, and the house where there is a person") {
    const auto authors = [](const std::string& html) {
        return page_of(html, "https://www.daily-post.example/a").authors;
    };
    const std::vector<std::string> ada{"Ada Meyer"};
    CHECK(
        authors(
            "<meta name=author content=page.head.extra.author><h1>t</h1><div class=byline>Ada Meyer</div>") ==
        ada);
    CHECK(authors("<meta name=author content=262588213843476>").empty());
    CHECK(authors("<h1>t</h1><div class=byline>Foto: Ben O'Hara</div>").empty());
    CHECK(authors("<h1>t</h1><div class=byline>Donnerstag</div>").empty());
    CHECK(authors("<meta name=author content='Daily Post'><h1>t</h1><div class=byline>By Ada Meyer</div>") ==
          ada);
    CHECK(authors("<meta name=author content='Daily Post - Ada Meyer'>") == ada);
    CHECK(authors("<meta name=author content='Daily Post'>") == std::vector<std::string>{"Daily Post"});
    CHECK(
        authors(
            "<meta name=twitter:label1 content='Verfasst von'><meta name=twitter:data1 content='Ada Meyer'>") ==
        ada);
}

TEST_CASE("page::read_json_ld: what templates write is read all the same") {
    const auto author = [](const std::string& json) {
        const auto page = page_of("<script type=\"application/ld+json\">" + json + "</script>");
        return page.authors.empty() ? std::string() : page.authors[0];
    };
    CHECK(author(R"([{"@type":"WebSite"},{"@type":["Thing","BlogPosting"],"author":"Ada Meyer"}])") ==
          "Ada Meyer");
    CHECK(
        author("{\"@type\":\"Report\",\"headline\":\"two\nlines\",\"author\":{\"name\":[\"Ada Meyer\"]},}") ==
        "Ada Meyer");
    CHECK(author(R"(<!-- {"@type":"Article","author":[{"@type":"Person","name":"Ada &amp; Co"}]} -->)") ==
          "Ada");
    CHECK(
        author(
            R"({"@graph":[{"@type":"NewsArticle","author":{"@id":"#p"}},{"@id":"#p","name":"Ada Meyer"}]})") ==
        "Ada Meyer");
    CHECK(author(R"({"@type":"Article","author":)") == "");
    CHECK(author(std::string(5000, '[')) == "");
}
