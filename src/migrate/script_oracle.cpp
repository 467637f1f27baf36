// SPDX-License-Identifier: Apache-2.0
// The rules of SQL*Plus: `;` ends SQL, a `/` alone on its line ends PL/SQL and anything else.
#include "migrate/script_boundary.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace majed::migrate {
namespace {

/// Those of SQL*Plus, with their short forms; none of them begins a statement of SQL.
constexpr std::array<std::string_view, 77> commands{
    "acc",     "accept",     "append",   "archive",  "attribute", "bre",       "break",     "bti",
    "btitle",  "change",     "cl",       "clear",    "col",       "column",    "comp",      "compute",
    "conn",    "connect",    "copy",     "def",      "define",    "del",       "desc",      "describe",
    "disc",    "disconnect", "ed",       "edit",     "exec",      "execute",   "exit",      "get",
    "help",    "history",    "ho",       "host",     "i",         "input",     "l",         "list",
    "passw",   "password",   "pau",      "pause",    "pri",       "print",     "pro",       "prompt",
    "quit",    "r",          "recover",  "rem",      "remark",    "repfooter", "repheader", "run",
    "save",    "sho",        "show",     "shutdown", "spo",       "spool",     "sta",       "start",
    "startup", "store",      "timi",     "timing",   "tti",       "ttitle",    "undef",     "undefine",
    "var",     "variable",   "whenever", "xquery",   "oradebug"};
/// SET of SQL; every other SET is of SQL*Plus.
constexpr std::array<std::string_view, 4> settings{"transaction", "role", "constraint", "constraints"};
constexpr std::array<std::string_view, 12> before_kind{"or",  "replace", "editionable", "noneditionable",
                                                       "and", "resolve", "compile",     "force",
                                                       "if",  "noforce", "not",         "exists"};
constexpr std::array<std::string_view, 5> units{"function", "procedure", "package", "type", "trigger"};

class OracleBoundary final : public Boundary {
public:
    using Boundary::Boundary;

    Result<Step> take(const Token& token) override {
        const bool slash = lexer().is_sign(token, "/") && lexer().alone_on_line(token);
        if (!open_) {
            MAJED_TRY(begin(token, slash));
        } else if (slash) {
            open_ = false;
            MAJED_TRY(finish());
            return Step::ends;
        } else {
            MAJED_TRY(head_ == Head::set ? setting(token) : Result<void>());
        }
        parentheses_.take(lexer(), token);
        const Step step = lexer().is_sign(token, ";") ? semicolon() : part(token);
        if (step == Step::ends) {
            MAJED_TRY(parentheses_.balanced());
        }
        previous_ = token;
        return step;
    }

    Result<void> finish() override {
        if (mode_ == Mode::sql) {
            return parentheses_.balanced();
        }
        if (mode_ == Mode::block && !lexer().is_sign(previous_, ";")) {
            return Error{.code = ErrorCode::parse_error, .message = "a block does not end with `END;`"}.at(
                statement_);
        }
        return {};
    }

private:
    enum class Mode { sql, sql_with_functions, block, unit };
    /// What the head of the statement is read for.
    enum class Head { none, set, kind, java, source, name, wrapped };

    template <std::size_t N>
    bool is_one_of(const Token& token, const std::array<std::string_view, N>& words) const {
        return std::any_of(words.begin(), words.end(),
                           [&](auto word) { return lexer().is_word(token, word); });
    }

    Result<void> begin(const Token& token, bool slash) {
        if (slash) {
            return Error{.code = ErrorCode::parse_error,
                         .message = "this `/` ends nothing: it would run the statement before it once more",
                         .hint = "end SQL with `;` or with `/`, not with both; end PL/SQL with one `/`"}
                .at(token.begin);
        }
        MAJED_TRY(refuse_command(token));
        open_ = true;
        mode_ = Mode::sql;
        head_ = Head::none;
        parentheses_ = {};
        previous_ = {};
        statement_ = token.begin;
        if (lexer().is_word(token, "begin") || lexer().is_word(token, "declare") ||
            lexer().is_sign(token, "<<")) {
            mode_ = Mode::block;
        } else if (lexer().is_word(token, "set")) {
            head_ = Head::set;
        }
        return {};
    }

    Result<void> refuse_command(const Token& token) const {
        if (lexer().is_word(token, "exec") || lexer().is_word(token, "execute")) {
            return client_command(token, "write BEGIN ...; END; and a line with `/` alone");
        }
        if (lexer().is_word(token, "rem") || lexer().is_word(token, "remark")) {
            return client_command(token, "write -- before a comment");
        }
        if (is_one_of(token, commands) || lexer().is_sign(token, "@") || lexer().is_sign(token, "!")) {
            return client_command(token, "commands of SQL*Plus have no meaning here: leave them out");
        }
        return {};
    }

    Result<void> setting(const Token& token) {
        head_ = Head::none;
        if (is_one_of(token, settings)) {
            return {};
        }
        return client_command(previous_, "SET of SQL*Plus has no meaning here: leave it out");
    }

    Step semicolon() {
        if (mode_ == Mode::sql) {
            open_ = false;
            return Step::ends;
        }
        head_ = Head::none;
        return mode_ == Mode::sql_with_functions ? Step::may_be_a_mark : Step::goes_on;
    }

    Step part(const Token& token) {
        if (mode_ == Mode::sql && lexer().is_word(previous_, "with") &&
            (lexer().is_word(token, "function") || lexer().is_word(token, "procedure"))) {
            mode_ = Mode::sql_with_functions;
        }
        switch (head_) {
            case Head::kind:
                kind(token);
                break;
            case Head::java:
                head_ = lexer().is_word(token, "source") || lexer().is_word(token, "module") ? Head::source
                                                                                             : Head::none;
                break;
            case Head::source:
                return source(token);
            case Head::name:
                name(token);
                break;
            case Head::wrapped:
                return wrapped(token);
            case Head::none:
            case Head::set:
                break;
        }
        if (previous_.kind == TokenKind::end && lexer().is_word(token, "create")) {
            head_ = Head::kind;
        }
        return Step::goes_on;
    }

    /// CREATE [OR REPLACE] [EDITIONABLE] [AND RESOLVE] ... the kind of thing.
    void kind(const Token& token) {
        if (is_one_of(token, units)) {
            mode_ = Mode::unit;
            head_ = Head::name;
        } else if (lexer().is_word(token, "java") || lexer().is_word(token, "mle")) {
            head_ = Head::java;
        } else if (!is_one_of(token, before_kind)) {
            head_ = Head::none;
        }
    }

    /// JAVA SOURCE ... AS, MLE MODULE ... AS: what follows is no SQL.
    Step source(const Token& token) {
        if (parentheses_.open() || !lexer().is_word(token, "as")) {
            return Step::goes_on;
        }
        mode_ = Mode::unit;
        head_ = Head::none;
        return Step::before_foreign;
    }

    /// [BODY] [IF NOT EXISTS] name
    void name(const Token& token) {
        const bool before = lexer().is_word(token, "body") || is_one_of(token, before_kind);
        head_ = before ? Head::name : Head::wrapped;
    }

    /// Behind a first part of the name: a dot and more of it, or WRAPPED, or the unit's text.
    Step wrapped(const Token& token) {
        if (lexer().is_sign(token, ".")) {
            head_ = Head::name;
            return Step::goes_on;
        }
        head_ = Head::none;
        return lexer().is_word(token, "wrapped") ? Step::before_foreign : Step::goes_on;
    }

    bool open_ = false;
    Mode mode_ = Mode::sql;
    Head head_ = Head::none;
    std::size_t statement_ = 0;
    Token previous_;
    Parentheses parentheses_;
};

}  // namespace

std::unique_ptr<Boundary> oracle_boundary(const Lexer& lexer) {
    return std::make_unique<OracleBoundary>(lexer);
}

}  // namespace majed::migrate
