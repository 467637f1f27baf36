// SPDX-License-Identifier: Apache-2.0
// Functions over XML and JSON: SQL/XML of both engines, Oracle's SQL/JSON.
#include "core/ascii.h"
#include "sql/grammar.h"

#include <string_view>

namespace majed::sql {

/// `function` in any case.
bool Grammar::xml_arguments(Expr& call, std::string_view function) {
    const auto is = [function](std::string_view name) {
        return function.size() == name.size() && equal_ascii_case(function, name);
    };
    if (is("xmlelement")) return xml_element(call);
    if (is("xmlforest") || is("xmlattributes") || is("xmlcolattval")) return xml_items(call);
    if (is("xmlserialize")) return xml_serialize(call);
    if (is("xmlparse")) {
        if (!accept(Keyword::document) && !accept(Keyword::content)) return fail("DOCUMENT");
        if (!argument(call.args)) return false;
        if (accept_word("wellformed")) return true;
        return !(accept_word("preserve") || accept_word("strip")) || accept_word("whitespace") ||
               fail("WHITESPACE");
    }
    if (is("xmlpi")) {
        if (!accept_word("name")) accept_word("evalname");
        Name target;
        if (!label_name(target, "a name")) return false;
        return !comma() || argument(call.args);
    }
    if (is("xmlroot")) {
        if (!argument(call.args)) return false;
        if (!comma() || !accept_word("version")) return fail("VERSION");
        if (at(Keyword::no) && (peek(1).keyword == Keyword::value)) {
            at_ += 2;
        } else if (!argument(call.args)) {
            return false;
        }
        if (!comma()) return true;
        if (!accept_word("standalone")) return fail("STANDALONE");
        return accept_word("yes") || (accept(Keyword::no) && (accept(Keyword::value) || true)) || fail("YES");
    }
    if (is("xmlexists") || is("xmlquery") || is("xmltable")) {
        if (!argument(call.args)) return false;
        if (accept(Keyword::passing) && !xml_passing(call)) return false;
        if (accept_word("returning") && !accept(Keyword::content)) return fail("CONTENT");
        if (accept(Keyword::null)) return expect(Keyword::on) && (accept_word("empty") || fail("EMPTY"));
        return true;
    }
    if (is("xmlcast")) {
        Name type;
        return argument(call.args) && expect(Keyword::as) && type_name(type);
    }
    if (at(Keyword::distinct)) ++at_;
    do {
        if (!argument(call.args)) return false;
    } while (comma());
    return !at(Keyword::order) || order_in_call(call);
}

/// [BY REF | BY VALUE] x [AS "name"] [BY REF | BY VALUE], ...
bool Grammar::xml_passing(Expr& call) {
    const auto mechanism = [this] {
        if (at(Keyword::by) && (at_word("ref", 1) || at_word("value", 1))) at_ += 2;
    };
    do {
        mechanism();
        if (!argument(call.args)) return false;
        Name name;
        if (accept(Keyword::as) && !label_name(name, "a name")) return false;
        mechanism();
    } while (comma());
    return true;
}

/// [ENTITYESCAPING] [NAME] name [, XMLATTRIBUTES(...)] [, content]...
bool Grammar::xml_element(Expr& call) {
    if (!accept_word("entityescaping")) accept_word("noentityescaping");
    if (at_word("evalname")) {
        ++at_;
        if (!argument(call.args)) return false;
    } else {
        if (at_word("name") && peek(1).kind != TokenKind::comma && peek(1).kind != TokenKind::right_paren)
            ++at_;
        Name name;
        if (!label_name(name, "a name")) return false;
    }
    while (comma()) {
        if (at_word("xmlattributes") && peek(1).kind == TokenKind::left_paren) {
            at_ += 2;
            if (!xml_items(call) || !close_paren()) return false;
            continue;
        }
        if (!argument(call.args)) return false;
        Name alias;
        if (rules().oracle && accept(Keyword::as) && !label_name(alias, "a name")) return false;
    }
    return true;
}

/// x [AS name], ...
bool Grammar::xml_items(Expr& call) {
    do {
        if (!accept_word("entityescaping")) accept_word("noentityescaping");
        if (!argument(call.args)) return false;
        if (!accept(Keyword::as)) continue;
        if (accept_word("evalname")) {
            if (!argument(call.args)) return false;
            continue;
        }
        Name name;
        if (!label_name(name, "a name")) return false;
    } while (comma());
    return true;
}

bool Grammar::xml_serialize(Expr& call) {
    if (!accept(Keyword::document) && !accept(Keyword::content)) return fail("CONTENT");
    Name type;
    if (!argument(call.args) || (rules().postgres && !at(Keyword::as))) return fail("AS");
    if (accept(Keyword::as) && !type_name(type)) return false;
    if (accept_word("encoding") && !argument(call.args)) return false;
    if (accept_word("version") && !argument(call.args)) return false;
    if (accept(Keyword::no)) return accept_word("indent") || fail("INDENT");
    if (accept_word("indent") && accept_word("size"))
        return expect(TokenKind::equal, "\"=\"") && argument(call.args);
    if (accept_word("hide") || accept_word("show")) return accept_word("defaults") || fail("DEFAULTS");
    return true;
}

/// Oracle: JSON_VALUE, JSON_QUERY, JSON_OBJECT, JSON_ARRAYAGG and the rest: expressions with words between them.
bool Grammar::json_arguments(Expr& call) {
    if (at_query()) {
        call.select = query();
        if (call.select == nullptr) return false;
    }
    bool more = call.select == nullptr;
    while (more) {
        if (accept_word("key")) {
            if (!argument(call.args, dialect_.powers.is + 1)) return false;
            if (!accept(Keyword::is) && !accept(Keyword::value)) return fail("VALUE");
        }
        if (accept(TokenKind::star, "\"*\"")) {
            call.star_argument = true;
        } else if (!argument(call.args, at_json_key() ? dialect_.powers.is + 1 : 0)) {
            return false;
        }
        if (accept(TokenKind::colon, "\":\"") || accept(Keyword::value) || accept(Keyword::is)) {
            if (!argument(call.args)) return false;
        }
        while (at(TokenKind::keyword) || at(TokenKind::identifier)) {
            if (!json_clause(call)) return false;
        }
        more = comma();
    }
    while (!at(TokenKind::right_paren)) {
        if (!json_clause(call)) return false;
    }
    return true;
}

/// 'key' IS value: a string before IS that does not begin a test.
bool Grammar::at_json_key() const noexcept {
    return at(TokenKind::string) && peek(1).keyword == Keyword::is && peek(2).keyword != Keyword::not_ &&
           peek(2).keyword != Keyword::null && peek(2).keyword != Keyword::json;
}

/// One clause of words: FORMAT JSON, RETURNING type, NULL ON EMPTY, WITH ARRAY WRAPPER, PASSING x AS "n", ORDER BY ...
bool Grammar::json_clause(Expr& call) {
    if (at(Keyword::order)) return order_in_call(call);
    if (accept(Keyword::returning) || accept_word("returning")) {
        Name type;
        return type_name(type);
    }
    if (accept(Keyword::passing)) return xml_passing(call);
    if (accept(Keyword::default_))
        return argument(call.args) && expect(Keyword::on) &&
               (accept_word("empty") || accept_word("error") || fail("ERROR"));
    static constexpr std::string_view words[] = {
        "format",   "json",     "on",     "empty",    "error",    "null",        "absent",
        "with",     "without",  "array",  "object",   "wrapper",  "conditional", "unconditional",
        "unique",   "keys",     "strict", "pretty",   "ascii",    "truncate",    "allow",
        "disallow", "scalars",  "true",   "false",    "mismatch", "type",        "lax",
        "as",       "encoding", "utf8",   "extended", "ordered",
    };
    for (const std::string_view word : words) {
        if (accept_word(word)) return true;
    }
    return fail("\")\"");
}

}  // namespace majed::sql
