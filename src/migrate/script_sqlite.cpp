// SPDX-License-Identifier: Apache-2.0
// The states of sqlite3_complete(): a trigger ends with `; END ;`, all else with `;`.
#include "migrate/script_boundary.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace majed::migrate {
namespace {

/// Before a name or an expression: a BEGIN behind one of these is a name.
constexpr std::array<std::string_view, 13> before_names{
    "on", "when", "and", "or", "not", "in", "is", "like", "glob", "case", "collate", "then", "else"};

class SqliteBoundary final : public Boundary {
public:
    using Boundary::Boundary;

    Result<Step> take(const Token& token) override {
        if (state_ == State::start) {
            statement_ = token.begin;
            parentheses_ = {};
            if (lexer().is_sign(token, ".")) {
                return client_command(token,
                                      "commands that begin with a dot are for the sqlite3 program only");
            }
        }
        if (state_ == State::body || state_ == State::end_of_body) {
            return in_trigger(token);
        }
        if (lexer().is_sign(token, ";")) {
            state_ = State::start;
            MAJED_TRY(parentheses_.balanced());
            return Step::ends;
        }
        parentheses_.take(lexer(), token);
        state_ = after(token);
        return Step::goes_on;
    }

    Result<void> finish() override {
        if (state_ == State::body) {
            return Error{.code = ErrorCode::parse_error, .message = "a trigger does not end with `; END`"}.at(
                statement_);
        }
        return parentheses_.balanced();
    }

private:
    enum class State { start, explain, create, plain, body, end_of_body };

    State after(const Token& token) {
        const bool creates = state_ == State::start || state_ == State::explain;
        if (state_ == State::start && lexer().is_word(token, "explain")) {
            return State::explain;
        }
        if (state_ == State::explain && (lexer().is_word(token, "query") || lexer().is_word(token, "plan"))) {
            return State::explain;
        }
        if (creates && lexer().is_word(token, "create")) {
            return State::create;
        }
        if (state_ == State::create) {
            if (lexer().is_word(token, "temp") || lexer().is_word(token, "temporary")) {
                return State::create;
            }
            if (lexer().is_word(token, "trigger")) {
                depth_ = 1;
                before_ = last_ = Kind::other;
                return State::body;
            }
        }
        return State::plain;
    }

    /// A block inside a block is nothing SQLite knows; it is kept whole all the same, lest its END be taken for a COMMIT.
    Result<Step> in_trigger(const Token& token) {
        if (lexer().is_sign(token, ";")) {
            if (state_ == State::end_of_body) {
                state_ = State::start;
                return Step::ends;
            }
            note(Kind::semicolon);
            return Step::goes_on;
        }
        const bool statement_begins = last_ == Kind::semicolon;
        state_ = State::body;
        if (statement_begins && lexer().is_word(token, "end")) {
            depth_ -= depth_ > 0 ? 1 : 0;
            state_ = depth_ == 0 ? State::end_of_body : State::body;
        }
        if (!lexer().is_word(token, "begin")) {
            note(takes_a_name(token) ? Kind::before_name : Kind::other);
        } else {
            depth_ += statement_begins || (last_ == Kind::begin && before_ != Kind::before_name) ? 1 : 0;
            note(Kind::begin);
        }
        return Step::goes_on;
    }

    enum class Kind { other, before_name, begin, semicolon };

    void note(Kind kind) {
        before_ = last_;
        last_ = kind;
    }

    bool takes_a_name(const Token& token) const {
        const auto is = [&](std::string_view word) { return lexer().is_word(token, word); };
        return (token.kind == TokenKind::sign && !lexer().is_sign(token, ")")) ||
               std::any_of(before_names.begin(), before_names.end(), is);
    }

    State state_ = State::start;
    Kind before_ = Kind::other;  ///< The token before the last.
    Kind last_ = Kind::other;
    std::size_t depth_ = 0;
    std::size_t statement_ = 0;
    Parentheses parentheses_;
};

}  // namespace

std::unique_ptr<Boundary> sqlite_boundary(const Lexer& lexer) {
    return std::make_unique<SqliteBoundary>(lexer);
}

}  // namespace majed::migrate
