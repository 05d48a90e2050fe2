#include "core/page/page.hpp"

#include <doctest/doctest.h>
#include <string>

// What stands at the end of an article and is none of it, in the languages met.
namespace {
using cti::page::extract;

std::string repeat(std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

std::string text_with(const std::string& end, const std::string& start = "") {
    const auto paragraphs =
        repeat("<p>This paragraph is long enough to be taken for a part of an article, and "
               "it says nothing, at some length.</p>",
               3);
    return extract("<article><h1>Foxes</h1>" + start + paragraphs + end + "</article>", {}).text;
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
}

TEST_CASE("page::extract: a last line that asks the reader, or names another page, is no text") {
    for (const std::string line : {"Was this article helpful?",
                                   "Like this article? Share it with your friends.",
                                   "Print this page",
                                   "Die Kommentare sind geschlossen.",
                                   "Hat Ihnen dieser Artikel gefallen?",
                                   "Bewerten Sie diesen Artikel",
                                   "Diesen Beitrag teilen",
                                   "War dieser Artikel hilfreich?",
                                   "Weiterlesen nach der Anzeige",
                                   "À lire également : Emotet",
                                   "Notez cet article",
                                   "Cet article vous a-t-il été utile ?",
                                   "¿Te ha resultado útil este artículo?",
                                   "Valora este artículo",
                                   "Reacties zijn gesloten.",
                                   "Подпишитесь на нашу рассылку.",
                                   "Войдите, чтобы читать дальше.",
                                   "Оцените статью",
                                   "ニュースレターに登録する",
                                   "ニュースレターを購読してください。",
                                   "続きを読むにはログインしてください。",
                                   "この記事をシェアする",
                                   "コメントは受け付けていません。",
                                   "この記事を評価してください",
                                   "この記事は役に立ちましたか？",
                                   "関連記事：Emotet の復活",
                                   "あわせて読みたい",
                                   "次の記事：Emotet",
                                   "コメントを残す",
                                   "メルマガ登録はこちら",
                                   "订阅我们的新闻通讯",
                                   "登录后继续阅读",
                                   "分享这篇文章",
                                   "发表评论",
                                   "评论已关闭。",
                                   "给这篇文章评分",
                                   "这篇文章对您有帮助吗？",
                                   "相关阅读：Emotet",
                                   "延伸阅读",
                                   "下一篇：Emotet",
                                   "請訂閱我們的電子報",
                                   "뉴스레터를 구독하세요.",
                                   "계속 읽으려면 로그인하세요",
                                   "로그인하고 계속 읽기",
                                   "이 기사를 공유하세요",
                                   "댓글을 남겨주세요",
                                   "댓글이 닫혔습니다.",
                                   "이 글을 평가해 주세요",
                                   "이 글이 도움이 되셨나요?",
                                   "관련 기사: Emotet",
                                   "다음 기사: Emotet",
                                   "함께 읽기",
                                   "اشترك في نشرتنا البريدية",
                                   "سجل الدخول لمتابعة القراءة",
                                   "شارك هذا المقال",
                                   "اترك تعليقا",
                                   "التعليقات مغلقة.",
                                   "قيّم هذا المقال",
                                   "هل كان هذا المقال مفيدا؟",
                                   "اقرأ أيضا: Emotet",
                                   "مقالات ذات صلة",
                                   "المقال التالي: Emotet",
                                   "Bültenimize abone olun",
                                   "Okumaya devam etmek için giriş yapın",
                                   "Bu makaleyi paylaş",
                                   "Yorum yapın",
                                   "Yorumlar kapalı.",
                                   "Bu yazıyı değerlendirin",
                                   "Bu makale yararlı oldu mu?",
                                   "İlgili haberler: Emotet",
                                   "Ayrıca okuyun: Emotet",
                                   "Sonraki yazı: Emotet",
                                   "Questo articolo ti è stato utile?",
                                   "Valuta questo articolo",
                                   "I commenti sono chiusi.",
                                   "Articoli correlati: Emotet",
                                   "Este artigo foi útil?",
                                   "Avalie este artigo",
                                   "Os comentários estão fechados.",
                                   "Czy ten artykuł był pomocny?",
                                   "Oceń ten artykuł",
                                   "Komentarze są zamknięte.",
                                   "Możliwość komentowania została wyłączona.",
                                   "Beoordeel dit artikel",
                                   "Vond je dit artikel nuttig?",
                                   "Понравилась статья? Поделитесь с друзьями!",
                                   "Комментарии закрыты.",
                                   "Была ли эта статья полезна?",
                                   "Les commentaires sont fermés.",
                                   "Los comentarios están cerrados.",
                                   "Share this post on Twitter",
                                   "Did you find this article helpful?",
                                   "Did you like this post?",
                                   "この記事をシェア",
                                   "Facebookでシェア",
                                   "フォローする",
                                   "댓글 쓰기",
                                   "페이스북에 공유하기",
                                   "关注我们的公众号",
                                   "Bu haberi paylaşın"}) {
        CAPTURE(line);
        const auto text = text_with("<p>" + line + "</p>");
        CHECK_FALSE(has(text, line));
        CHECK(has(text, "says nothing, at some length"));
    }
}

TEST_CASE("page::extract: a last sentence with the words of a prompt stays") {
    for (const std::string line : {"Подписанный драйвер загружается первым.",
                                   "Publicidad maliciosa distribuye el cargador.",
                                   "Рекламное ПО загружает модуль.",
                                   "Мы используем YARA для поиска.",
                                   "Este sitio de phishing copia al banco.",
                                   "この記事では攻撃者の手口を解説する。",
                                   "攻撃者はコメントを暗号化して通信する。",
                                   "登录后攻击者下载第二阶段。",
                                   "공격자는 로그인 후 파일을 내려받는다.",
                                   "Share names are read from the registry.",
                                   "The comments are closed with a hash sign.",
                                   "Log in to your console and click on the tab of the logs",
                                   "Print spooler faults are used again.",
                                   "Was ist dieser Loader?",
                                   "Related actors use the same loader.",
                                   "شارك المهاجمون في الحملة نفسها.",
                                   "Bu makalede zararlı yazılım anlatılıyor.",
                                   "Войдите в консоль и проверьте журнал.",
                                   "关注该组织的研究人员发现了新样本。",
                                   "コメントは暗号化されている。",
                                   "댓글 기능을 악용한다.",
                                   "More from this actor is expected soon.",
                                   "Comments in the code are in Russian.",
                                   "이 문서를 저장하면 매크로가 실행된다.",
                                   "이 정보를 공유한 조직은 없다.",
                                   "댓글을 작성해 악성 링크를 유포했다.",
                                   "채널을 등록한 공격자는 하나다.",
                                   "この情報を共有した組織は二つある。",
                                   "この投稿を共有したアカウントは偽物だ。",
                                   "コメントを追加するコードが見つかった。",
                                   "Xで共有された検体である。",
                                   "İçeriği paylaşan hesaplar sahtedir.",
                                   "关注邮件中的附件和链接。",
                                   "登录后阅读邮件内容并窃取密码。",
                                   "شارك هذا الفريق في الهجوم.",
                                   "Average rating of the samples is high."}) {
        CAPTURE(line);
        CHECK(has(text_with("<p>" + line + "</p>"), line));
    }
}

TEST_CASE("page::extract: what stands below a heading about the author goes with it") {
    const std::string life = "<p>She hunts foxes in the hills and has two cats and a garden with a pond.</p>";
    const std::string behind =
        "<h2>Indicators</h2><p>203.0.113.9</p><p>Lantern Fox is a threat actor who steals "
        "eggs at night.</p>";
    for (const std::string heading :
         {"About the author", "Über den Autor", "À propos de l'auteur", "À propos de l’auteur", "Об авторе",
          "Sobre el autor", "Over de auteur", "L'autore", "Sobre o autor", "著者について", "作者简介",
          "저자 소개", "Yazar hakkında", "عن الكاتب", "O autorze"}) {
        for (const auto& [open, close] : {std::pair<std::string, std::string>{"<h3>", "</h3>"},
                                          {"<p><strong>", "</strong></p>"},
                                          {"<div><h4>", "</h4></div>"}}) {
            CAPTURE(heading);
            CAPTURE(open);
            const auto last = text_with(open + heading + close + life);
            CHECK_FALSE(has(last, "two cats"));
            CHECK_FALSE(has(last, heading));
            const auto text = text_with(open + heading + close + life + behind);
            CHECK_FALSE(has(text, "two cats"));
            CHECK(has(text, "203.0.113.9"));
            CHECK(has(text, "Lantern Fox is a threat actor"));
        }
    }
}

TEST_CASE("page::extract: below a heading about the author what is the report's stays") {
    const std::string heading = "<h3>About the author</h3>";
    CHECK(has(text_with(heading + "<p>Her key is CVE-2026-10001.</p>"), "CVE-2026-10001"));
    CHECK(has(text_with(heading + "<p>Fox sold it for 203[.]0[.]113[.]9</p>"), "203[.]0"));
    CHECK(has(text_with(heading + "<p>Fox is a ransomware author of the north.</p>"), "Fox is a ransomware"));
    CHECK(has(text_with(heading +
                        repeat("<p>The loader waits, and then it asks for the next stage, and waits again "
                               "until the evening.</p>",
                               8)),
              "The loader waits"));
    CHECK(has(text_with("<ul><li>Author bio</li><li>Commit message</li></ul>"), "Commit message"));
    CHECK(has(text_with("<h3>About the author of the loader</h3><p>Nobody knows.</p>"), "Nobody knows"));
}

TEST_CASE("page::extract: a last paragraph about the author of the byline is no text") {
    const std::string byline = "<p class=byline>By Ada Meyer</p>";
    for (const std::string life :
         {"<p><em>Ada Meyer is a senior threat researcher at Example Labs.</em></p>",
          "<p><em><a href=/ada>Ada Meyer</a> is a senior threat researcher.</em></p>",
          "<p>Ada Meyer tracks foxes at Example Labs.</p>", "<p>Ada Meyer ist Forscherin in Bonn.</p>",
          "<p>Ada Meyer является исследователем.</p>", "<p>Ada Meyerは研究者です。</p>"}) {
        CAPTURE(life);
        CHECK_FALSE(has(text_with(life, byline), "Ada Meyer"));
    }
    for (const std::string line :
         {"Lantern Fox is a threat actor who steals eggs.",
          "Ada Meyer is the name that the ransomware shows.", "Ada Meyer is shown at 203.0.113.9 as well."}) {
        CAPTURE(line);
        CHECK(has(text_with("<p>" + line + "</p>", byline), line));
    }
}
