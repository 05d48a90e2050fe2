#include "core/sources/yaml_tree.hpp"

#include "core/base/text.hpp"
#include "core/sources/scalar.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace cti::sources {
namespace {

struct Stop {
    std::string why;
    int line;
};

// Nodes and bytes below a node, itself included: the price of an alias to it.
struct Cost {
    std::size_t nodes = 0, bytes = 0;
};

class TreeBuilder : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        finish(make(YamlNode::Kind::null, mark), anchor, {});
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        auto node = make(YamlNode::Kind::scalar, mark);
        if (value.find('\0') != value.npos) throw Stop{"a text holds a NUL character", node.line};
        node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
        node.text = value;
        finish(std::move(node), anchor, {0, value.size()});
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(YamlNode::Kind::sequence, mark, anchor);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(YamlNode::Kind::mapping, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = m_anchors.find(anchor);
        const int line = mark.line + 1;
        if (found == m_anchors.end()) throw Stop{"an alias stands inside of what it names", line};
        const auto& [node, cost, depth] = found->second;
        if (m_open.size() + depth > k_max_yaml_depth) throw too_deep(line);
        spend(cost, line); // Before the copy is made.
        add(node, cost, depth);
    }

    YamlNode release_root() { return std::move(m_root); }

private:
    struct Open {
        YamlNode node;
        YAML::anchor_t anchor;
        Cost cost;
        std::size_t depth = 0; // of what stands below
        bool has_key = false;
        YamlNode key;
    };
    struct Anchored {
        YamlNode node;
        Cost cost;
        std::size_t depth;
    };

    static Stop too_deep(int line) {
        return {"nested more than " + std::to_string(k_max_yaml_depth) + " levels deep", line};
    }
    static YamlNode make(YamlNode::Kind kind, const YAML::Mark& mark) {
        YamlNode node;
        node.kind = kind;
        node.line = mark.line + 1;
        return node;
    }
    void spend(const Cost& cost, int line) {
        m_spent.nodes += cost.nodes;
        m_spent.bytes += cost.bytes;
        if (m_spent.nodes > k_max_yaml_nodes || m_spent.bytes > k_max_yaml_bytes)
            throw Stop{"too large, with what its aliases stand for", line};
    }
    void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (m_open.size() >= k_max_yaml_depth) throw too_deep(mark.line + 1);
        m_open.push_back({make(kind, mark), anchor, {}, 0, false, {}});
    }
    void close() {
        Open top = std::move(m_open.back());
        m_open.pop_back();
        if (top.node.is_mapping()) merge(top.node);
        finish(std::move(top.node), top.anchor, top.cost, top.depth + 1);
    }
    void finish(YamlNode node, YAML::anchor_t anchor, Cost below, std::size_t depth = 0) {
        const Cost cost{below.nodes + 1, below.bytes};
        // Open nodes have been paid for piece by piece.
        spend({1, node.text.size()}, node.line);
        if (anchor != YAML::NullAnchor) {
            spend(cost, node.line);
            m_anchors[anchor] = {node, cost, depth};
        }
        add(std::move(node), cost, depth);
    }
    void add(YamlNode node, const Cost& cost, std::size_t depth) {
        if (m_open.empty()) {
            m_root = std::move(node);
            return;
        }
        Open& parent = m_open.back();
        parent.cost.nodes += cost.nodes;
        parent.cost.bytes += cost.bytes;
        parent.depth = std::max(parent.depth, depth);
        if (parent.node.is_sequence()) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.has_key) {
            parent.key = std::move(node);
            parent.has_key = true;
        } else {
            parent.node.members.push_back({std::move(parent.key), std::move(node)});
            parent.has_key = false;
        }
    }

    static bool is_merge(const YamlMember& member) {
        return !member.first.quoted && member.first.text == "<<";
    }
    using Keys = std::set<std::string, std::less<>>;
    static void merge_from(YamlNode& into, Keys& keys, const YamlNode& from) {
        for (const auto& member : from.members)
            if (keys.insert(member.first.text).second) into.members.push_back(member);
    }
    // "<<: *defaults" or "<<: [*one, *other]": what the mapping itself says wins, then the earlier one.
    void merge(YamlNode& mapping) {
        auto& members = mapping.members;
        const auto first = std::stable_partition(members.begin(), members.end(),
                                                 [](const auto& member) { return !is_merge(member); });
        const std::vector<YamlMember> merged(std::make_move_iterator(first),
                                             std::make_move_iterator(members.end()));
        members.erase(first, members.end());
        if (merged.empty()) return;
        Keys keys;
        for (const auto& member : members) keys.insert(member.first.text);
        for (const auto& [key, value] : merged) {
            if (value.is_mapping()) {
                merge_from(mapping, keys, value);
            } else {
                for (const auto& item : value.items) merge_from(mapping, keys, item);
            }
        }
    }

    std::vector<Open> m_open;
    std::map<YAML::anchor_t, Anchored> m_anchors;
    YamlNode m_root;
    Cost m_spent;
};

int line_of_bad_utf8(std::string_view text) {
    int line = 1;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (!is_valid_utf8(text.substr(0, end))) return line;
        text.remove_prefix(std::min(end + 1, text.size()));
        ++line;
    }
    return line;
}

YamlDocument failed(std::string why, int line) {
    YamlDocument document;
    document.error = std::move(why);
    document.error_line = line;
    return document;
}
}

bool YamlNode::is_null() const {
    return kind == Kind::null ||
           (kind == Kind::scalar && !quoted && std::holds_alternative<std::monostate>(resolve_scalar(text)));
}

const YamlNode* YamlNode::find(std::string_view key) const {
    const auto found = std::find_if(members.rbegin(), members.rend(),
                                    [&](const auto& member) { return member.first.text == key; });
    return found == members.rend() ? nullptr : &found->second;
}

YamlDocument parse_yaml(std::string_view text) {
    if (text.size() > k_max_yaml_bytes)
        return failed("larger than " + std::to_string(k_max_yaml_bytes / 1024 / 1024) + " MiB", 1);
    if (!is_valid_utf8(text)) return failed("not valid UTF-8", line_of_bad_utf8(text));
    std::istringstream stream{std::string(text)};
    TreeBuilder builder, rest;
    try {
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
        if (parser.HandleNextDocument(rest))
            return failed("more than one YAML document", rest.release_root().line);
    } catch (const Stop& stop) {
        return failed(stop.why, stop.line);
    } catch (const YAML::Exception& problem) {
        return failed(problem.msg, problem.mark.is_null() ? 1 : problem.mark.line + 1);
    }
    YamlDocument document;
    document.root = builder.release_root();
    return document;
}
}
