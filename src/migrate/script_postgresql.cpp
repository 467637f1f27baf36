// SPDX-License-Identifier: Apache-2.0
// The rules of psql's psqlscan.l: `;` ends a statement outside parentheses and BEGIN ATOMIC ... END.
#include "migrate/script_boundary.h"

#include <cstddef>

namespace majed::migrate {
namespace {

class PostgresqlBoundary final : public Boundary {
public:
    using Boundary::Boundary;

    Result<Step> take(const Token& token) override {
        if (lexer().is_sign(token, "\\")) {
            return client_command(token, "commands that begin with a backslash are for psql only");
        }
        if (!open_) {
            begin(token);
        }
        if (!parentheses_.open() && blocks_ == 0 && lexer().is_sign(token, ";")) {
            open_ = false;
            return Step::ends;
        }
        parentheses_.take(lexer(), token);
        if (routine_ == Routine::yes && !parentheses_.open()) {
            in_routine(token);
        } else if (routine_ == Routine::maybe) {
            head(token);
        }
        if (copy_ && !parentheses_.open() && from_ &&
            (lexer().is_word(token, "stdin") || lexer().is_word(token, "stdout"))) {
            reads_rows_ = true;
        }
        from_ = lexer().is_word(token, "from");
        previous_ = token;
        return Step::goes_on;
    }

    Result<void> finish() override {
        MAJED_TRY(parentheses_.balanced());
        if (blocks_ > 0) {
            return Error{.code = ErrorCode::parse_error, .message = "BEGIN ATOMIC does not end"}.at(block_);
        }
        return {};
    }

    bool reads_rows() const noexcept override { return reads_rows_; }

private:
    enum class Routine { maybe, yes, no };

    void begin(const Token& token) {
        open_ = true;
        parentheses_ = {};
        blocks_ = 0;
        reads_rows_ = from_ = false;
        copy_ = lexer().is_word(token, "copy");
        routine_ = lexer().is_word(token, "create") ? Routine::maybe : Routine::no;
        previous_ = {};
    }

    /// CREATE [OR REPLACE] FUNCTION | PROCEDURE
    void head(const Token& token) {
        if (lexer().is_word(token, "function") || lexer().is_word(token, "procedure")) {
            routine_ = Routine::yes;
        } else if (!lexer().is_word(token, "create") && !lexer().is_word(token, "or") &&
                   !lexer().is_word(token, "replace")) {
            routine_ = Routine::no;
        }
    }

    void in_routine(const Token& token) {
        if (blocks_ == 0) {
            if (lexer().is_word(token, "atomic") && lexer().is_word(previous_, "begin")) {
                blocks_ = 1;
                block_ = previous_.begin;
            }
            return;
        }
        // As a label or behind a dot, CASE and END are names.
        if (lexer().is_word(previous_, "as") || lexer().is_sign(previous_, ".")) {
            return;
        }
        if (lexer().is_word(token, "case")) {
            ++blocks_;
        } else if (lexer().is_word(token, "end")) {
            --blocks_;
        }
    }

    bool open_ = false;
    bool copy_ = false;
    bool from_ = false;  ///< The last token was FROM.
    bool reads_rows_ = false;
    Routine routine_ = Routine::no;
    std::size_t blocks_ = 0;
    std::size_t block_ = 0;
    Token previous_;
    Parentheses parentheses_;
};

}  // namespace

std::unique_ptr<Boundary> postgresql_boundary(const Lexer& lexer) {
    return std::make_unique<PostgresqlBoundary>(lexer);
}

}  // namespace majed::migrate
