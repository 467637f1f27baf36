/// Where the statements of a script end: one small state machine per dialect, fed with tokens.
///
/// Why      sqlite3_complete(), psql and SQL*Plus agree on nothing but the semicolon, and on that not always.
/// Life     One for a script; it forgets a statement when the next begins.
/// Threads  One.
/// Not here Tokens (script_lexer.h), what the statements are (script_fit.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "migrate/dialect.h"
#include "migrate/script_lexer.h"

#include <cstdint>
#include <memory>

namespace majed::migrate {

/// What a token does to the statement it stands in.
enum class Step : std::uint8_t {
    goes_on,
    ends,           ///< It is the end mark, no part of the statement.
    may_be_a_mark,  ///< A `;` that is a part only when more of the statement follows.
    before_foreign  ///< Goes on, and from here to the end mark it is another language.
};

class Boundary {
public:
    explicit Boundary(const Lexer& lexer) : lexer_(&lexer) {}
    Boundary(const Boundary&) = delete;
    Boundary& operator=(const Boundary&) = delete;
    virtual ~Boundary() = default;

    /// No statement is open when the first of its tokens comes; comments and hints do not come here.
    /// Errors: parse_error.
    [[nodiscard]] virtual Result<Step> take(const Token& token) = 0;
    /// The script ends inside a statement. Errors: parse_error when the statement is not whole.
    [[nodiscard]] virtual Result<void> finish() = 0;
    /// The statement that just ended reads rows from the script.
    [[nodiscard]] virtual bool reads_rows() const noexcept { return false; }

protected:
    [[nodiscard]] const Lexer& lexer() const noexcept { return *lexer_; }

private:
    const Lexer* lexer_;
};

/// `lexer` outlives it.
[[nodiscard]] std::unique_ptr<Boundary> boundary_of(Dialect dialect, const Lexer& lexer);

/// One each, in the file of its name.
[[nodiscard]] std::unique_ptr<Boundary> sqlite_boundary(const Lexer& lexer);
[[nodiscard]] std::unique_ptr<Boundary> postgresql_boundary(const Lexer& lexer);
[[nodiscard]] std::unique_ptr<Boundary> oracle_boundary(const Lexer& lexer);

/// How deep in parentheses, and where the outermost was opened.
class Parentheses {
public:
    void take(const Lexer& lexer, const Token& token) noexcept {
        if (lexer.is_sign(token, "(")) {
            opened_ = depth_ == 0 ? token.begin : opened_;
            ++depth_;
        } else if (depth_ > 0 && lexer.is_sign(token, ")")) {
            --depth_;
        }
    }
    [[nodiscard]] bool open() const noexcept { return depth_ > 0; }
    /// Errors: parse_error when one is open.
    [[nodiscard]] Result<void> balanced() const;

private:
    std::size_t depth_ = 0;
    std::size_t opened_ = 0;
};

/// A command of a client program, which the database does not know.
[[nodiscard]] Error client_command(const Token& token, std::string hint);

}  // namespace majed::migrate
