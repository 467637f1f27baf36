// SPDX-License-Identifier: Apache-2.0
#include "fuzz/oracle_reads.h"

#include "core/ascii.h"
#include "fuzz/governed_server.h"
#include "rewrite/inline_policy.h"

#include <algorithm>
#include <array>

namespace majed::fuzz {
namespace {

bool is_one_of(const OracleWord& word, std::initializer_list<std::string_view> all) {
    return word.kind == OracleWordKind::name && std::find(all.begin(), all.end(), word.text) != all.end();
}

bool begins_query(const OracleWord& word) {
    return is_one_of(word, {"SELECT", "WITH"});
}

/// Behind what FROM has.
bool ends_from(const OracleWord& word) {
    return is_one_of(word, {"WHERE", "GROUP", "HAVING", "CONNECT", "START", "ORDER", "UNION", "INTERSECT",
                            "MINUS", "EXCEPT", "FETCH", "OFFSET", "MODEL", "WINDOW", "FOR", "QUALIFY"});
}

/// The rules of governed_server.h for Oracle, by hand: `SCHEMA.NAME`, and the query that stands for it.
struct View {
    std::string table;
    std::string rows;  ///< Empty: all.
    std::vector<OracleWord> begin;
    std::vector<OracleWord> condition;
};

std::string with_nonce(std::string text) {
    for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%'))
        text.replace(at, 1, nonce_text);
    return text;
}

View view_of(const std::string& schema, const std::string& name, const std::string& shown, std::string rows) {
    return {schema + "." + name, rows,
            oracle_words("(SELECT " + shown + " FROM \"" + schema + "\".\"" + name + "\""),
            oracle_words(with_nonce("(" + rows + ")"))};
}

std::string hashed(const std::string& hex) {
    return "LOWER(SUBSTR(RAWTOHEX(STANDARD_HASH(HEXTORAW(:outer || RAWTOHEX(STANDARD_HASH(HEXTORAW(:inner || "
           "'03' "
           "|| " +
           hex + "), 'SHA256'))), 'SHA256')), 1, 32))";
}

const std::vector<View>& views() {
    static const std::vector<View> all{
        view_of(
            "SHOP", "T",
            "id, CAST(CASE WHEN a IS NULL THEN NULL WHEN LENGTH(a) <= 2 THEN '***' ELSE SUBSTR(a, 1, 1) || "
            "'***' || SUBSTR(a, -1) END AS VARCHAR2(4000)) AS a, b, region",
            "\"%\".region = :region"),
        view_of("SHOP", "U", "id, a, t_id",
                "\"%\".t_id IN (SELECT id FROM shop.t \"%_T\" WHERE region IN (SELECT "
                "\"%_values\".v FROM JSON_TABLE(:regions, '$[*]' COLUMNS (v VARCHAR2(4000) PATH '$')) "
                "\"%_values\"))"),
        view_of("SHOP", "W", "id, b, d", "10 / \"%\".b > 1"),
        view_of("SHOP", "V", "id, a", "\"%\".a = 'v'"),
        view_of("SHOP", "M",
                "id, CAST(CASE WHEN e IS NULL THEN NULL WHEN LENGTHB(e) <= 1900 THEN " +
                    hashed("RAWTOHEX(e)") + " ELSE " + hashed("RAWTOHEX(STANDARD_HASH(e, 'SHA256'))") +
                    " END AS VARCHAR2(4000)) AS e",
                ""),
        view_of("S", "T", "id, z", "\"%\".z = :region")};
    return all;
}

std::string told(const driver::AttributeParameter& attribute) {
    if (attribute.name == rewrite::inner_hash_key) return ":INNER";
    if (attribute.name == rewrite::outer_hash_key) return ":OUTER";
    const bool as_meant = attribute.list == (attribute.name == "regions");
    return as_meant ? ":" + ascii_upper(attribute.name) : ":?";
}

}  // namespace

OracleReads::OracleReads(std::vector<OracleWord> words, const std::vector<driver::AttributeParameter>& ours,
                         Principal principal)
    : words_(std::move(words)), ours_(ours), principal_(principal) {
    words_.emplace_back();  // The end.
}

const OracleWord& OracleReads::word(std::size_t ahead) const {
    return words_[std::min(at_ + ahead, words_.size() - 1)];
}

/// Of the parenthesis that opens there.
std::size_t OracleReads::closing(std::size_t open) const {
    int depth = 0;
    for (std::size_t i = open; i < words_.size(); ++i) {
        depth += words_[i].is("(") ? 1 : 0;
        depth -= words_[i].is(")") ? 1 : 0;
        if (depth == 0) return i;
    }
    return words_.size() - 1;
}

void OracleReads::run() {
    query(words_.size() - 1);
    const bool ours = std::any_of(words_.begin(), words_.end(), [](const OracleWord& each) {
        return each.text.find(nonce_text.substr(0, oracle_bind_prefix)) != std::string::npos ||
               each.text.find(ascii_upper(nonce_text.substr(0, oracle_bind_prefix))) != std::string::npos;
    });
    if (ours && broken.empty()) broken = "something of ours stands outside of what shows a table";
}

void OracleReads::query(std::size_t end) {
    const std::size_t outer = local_.size();
    if (word().is("WITH")) with(end);
    while (at_ < end) {
        if (word().is("FROM")) {
            ++at_;
            sources(end);
        } else if (word().is("(")) {
            parts(closing(at_));
        } else {
            ++at_;
        }
    }
    local_.resize(outer);
}

/// name [(columns)] AS (query) [SEARCH ... | CYCLE ...], ...
void OracleReads::with(std::size_t end) {
    do {
        ++at_;
        local_.push_back(word().text);
        ++at_;
        if (word().is("(")) at_ = closing(at_) + 1;
        if (!word().is("AS") || !word(1).is("(")) {
            broken = "WITH is not understood";
            return;
        }
        ++at_;
        parts(closing(at_));
        while (at_ < end && !word().is(",") && !word().is("SELECT") && !word().is("(")) ++at_;
        // The commas of SEARCH and CYCLE are followed by no AS.
        while (word().is(",") && !word(2).is("AS") && !word(2).is("(")) {
            ++at_;
            while (at_ < end && !word().is(",") && !word().is("SELECT") && !word().is("(")) ++at_;
        }
    } while (at_ < end && word().is(","));
}

/// Whatever stands in parentheses and is no source: a query, or expressions.
void OracleReads::parts(std::size_t end) {
    // A compound may begin with a query in parentheses.
    std::size_t first = ++at_;
    while (words_[first].is("(")) ++first;
    if (begins_query(words_[first])) {
        query(end);
    } else {
        while (at_ < end) {
            if (word().is("(")) {
                parts(closing(at_));
            } else {
                ++at_;
            }
        }
    }
    at_ = end + 1;
}

void OracleReads::sources(std::size_t end) {
    source(end);
    while (at_ < end && !ends_from(word())) {
        // PARTITION FOR (value)
        if (word().is("PARTITION") || word().is("SUBPARTITION")) ++at_;
        if (word().is("FOR") && word(1).is("(")) ++at_;
        if (word().is(",") || word().is("JOIN") || word().is("APPLY")) {
            ++at_;
            source(end);
        } else if (word().is("(")) {
            parts(closing(at_));
        } else {
            ++at_;
        }
    }
}

void OracleReads::source(std::size_t end) {
    if (word().is("LATERAL")) ++at_;
    if (is_one_of(word(), {"ONLY", "CONTAINERS", "SHARDS"}) && word(1).is("(")) ++at_;
    if (!word().is("(")) return named(end);
    const std::size_t close = closing(at_);
    if (is_view(close)) return view(close);
    if (begins_query(word(1))) return parts(close);
    // Sources in parentheses, or a query in several.
    ++at_;
    sources(close);
    query(close);
    at_ = close + 1;
}

void OracleReads::named(std::size_t end) {
    if (at_ >= end || !word().is_name()) return;
    std::vector<std::string> names{word().text};
    ++at_;
    while (word().is(".") && word(1).is_name()) {
        names.push_back(word(1).text);
        at_ += 2;
    }
    if (word().is("(")) return;  // A table function.
    const bool local = names.size() == 1 && std::find(local_.begin(), local_.end(), names[0]) != local_.end();
    if (local) return;
    if (names.size() > 2) broken = "a table of three names";
    ++direct[names.size() == 1 ? "SHOP." + names[0] : names[0] + "." + names[1]];
}

bool OracleReads::is_view(std::size_t end) const {
    for (std::size_t i = at_; i < end; ++i) {
        const OracleWord& each = words_[i];
        if (each.kind == OracleWordKind::quoted && each.text == nonce_text) return true;
        if (i > at_ && each.is("(")) i = closing(i);
    }
    return false;
}

/// Must be, word for word, the query that a rule makes of its table. Its words are struck out.
void OracleReads::view(std::size_t end) {
    std::vector<OracleWord> found(words_.begin() + static_cast<std::ptrdiff_t>(at_),
                                  words_.begin() + static_cast<std::ptrdiff_t>(end) + 1);
    const std::string prefix = ":" + ascii_upper(nonce_text.substr(0, oracle_bind_prefix)) + "_";
    for (OracleWord& each : found) {
        if (each.kind != OracleWordKind::bind || !each.text.starts_with(prefix)) continue;
        const std::size_t number = std::stoul("0" + each.text.substr(prefix.size()));
        each.text = number >= 1 && number <= ours_.size() ? told(ours_[number - 1]) : ":?";
    }
    const auto is_it = [&](const View& view) {
        if (found.size() < view.begin.size() ||
            !std::equal(view.begin.begin(), view.begin.end(), found.begin()))
            return false;
        std::vector<OracleWord> rest(found.begin() + static_cast<std::ptrdiff_t>(view.begin.size()),
                                     found.end());
        const bool partition = is_one_of(rest.front(), {"PARTITION", "SUBPARTITION"});
        const auto alias =
            std::find(rest.begin(), rest.end(), OracleWord{OracleWordKind::quoted, std::string(nonce_text)});
        if (!partition && alias != rest.begin()) return false;
        if (std::any_of(rest.begin(), alias, [](const OracleWord& each) { return each.is("SELECT"); }))
            return false;
        rest.erase(rest.begin(), alias + 1);
        std::vector<OracleWord> rows = view.condition;
        const bool nobody = principal_ == Principal::unknown && view.rows.find(':') != std::string::npos;
        if (nobody) rows = oracle_words("(1 = 0)");
        std::vector<OracleWord> expected;
        if (!view.rows.empty()) {
            expected = oracle_words("WHERE");
            expected.insert(expected.end(), rows.begin(), rows.end());
        }
        for (const char* const barrier :
             {"", view.rows.empty() ? " WHERE ROWNUM >= 1" : " AND ROWNUM >= 1"}) {
            std::vector<OracleWord> whole = expected;
            const std::vector<OracleWord> last = oracle_words(std::string(barrier) + ")");
            whole.insert(whole.end(), last.begin(), last.end());
            if (whole == rest) return true;
        }
        return false;
    };
    const auto known = std::find_if(views().begin(), views().end(), is_it);
    if (known == views().end()) {
        broken = "a table is shown by what is none of its rules";
    } else {
        ++through[known->table];
        for (std::size_t i = at_; i <= end; ++i) words_[i] = {};
    }
    at_ = end + 1;
    if (is_one_of(word(), {"PARTITION", "SUBPARTITION"})) broken = "a query has no partitions";
}

}  // namespace majed::fuzz
