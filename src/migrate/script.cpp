// SPDX-License-Identifier: Apache-2.0
#include "migrate/script.h"

#include "migrate/script_boundary.h"
#include "migrate/script_digest.h"
#include "migrate/script_fit.h"
#include "migrate/script_lexer.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace majed::migrate {
namespace {

class Splitter {
public:
    Splitter(Dialect dialect, std::string_view text)
        : dialect_(dialect),
          text_(text),
          lexer_(lexis_of(dialect), text),
          boundary_(boundary_of(dialect, lexer_)) {}
    Splitter(const Splitter&) = delete;
    Splitter& operator=(const Splitter&) = delete;
    ~Splitter() = default;

    Result<Script> split() {
        while (true) {
            MAJED_TRY_ASSIGN(const Token token, lexer_.next());
            if (token.kind == TokenKind::end) {
                break;
            }
            if (token.kind == TokenKind::comment || (token.kind == TokenKind::hint && !first_)) {
                begin_ = begin_.value_or(token.begin);
            } else {
                MAJED_TRY(take(token));
            }
        }
        if (first_) {
            MAJED_TRY(boundary_->finish());
            if (boundary_->reads_rows()) {
                return unfinished_rows();
            }
            close();
        }
        TokenDigest digest;
        for (const ScriptStatement& statement : script_.statements) {
            digest.take_exactly(statement.tokens_digest);
        }
        script_.tokens_digest = digest.finish();
        return std::move(script_);
    }

private:
    Result<void> take(const Token& token) {
        if (token.kind == TokenKind::hint) {
            add(token);
            return {};
        }
        MAJED_TRY_ASSIGN(const Step step, boundary_->take(token));
        switch (step) {
            case Step::goes_on:
                add(token);
                break;
            case Step::may_be_a_mark:
                ++marks_;
                break;
            case Step::before_foreign:
                add(token);
                if (const Token rest = lexer_.foreign(); rest.begin < rest.end) {
                    add(rest);
                }
                break;
            case Step::ends:
                return end();
        }
        return {};
    }

    void add(const Token& token) {
        begin_ = begin_.value_or(token.begin);
        first_ = first_.value_or(token.begin);
        for (; marks_ > 0; --marks_) {
            digest_.take_exactly(";");
        }
        end_ = token.end;
        head_.take(lexer_, token);
        digest_.take(lexer_, token);
    }

    Result<void> end() {
        if (!first_) {
            begin_.reset();
            return {};
        }
        if (!boundary_->reads_rows()) {
            close();
            return {};
        }
        MAJED_TRY_ASSIGN(std::string rows, read_rows());
        digest_.take_exactly(rows);
        close();
        script_.statements.back().copies_rows = true;
        script_.statements.back().copy_rows = std::move(rows);
        return {};
    }

    /// The lines after that of the end mark, up to one that is `\.`.
    Result<std::string> read_rows() {
        const std::size_t mark = lexer_.at();
        const std::size_t line_end = std::min(text_.find('\n', mark), text_.size());
        const std::size_t more = behind_comment(text_.substr(0, line_end), mark);
        if (more != std::string_view::npos) {
            return Error{.code = ErrorCode::parse_error,
                         .message = "something follows COPY on its line, where its rows are to begin",
                         .hint = "begin the rows on the line after `;`"}
                .at(more);
        }
        const std::size_t begin = std::min(line_end + 1, text_.size());
        for (std::size_t line = begin; line < text_.size();) {
            const std::size_t next = std::min(text_.find('\n', line), text_.size());
            const std::string_view content = text_.substr(line, next - line);
            if (content == "\\." || content == "\\.\r") {
                lexer_.go_to(std::min(next + 1, text_.size()));
                return std::string(text_.substr(begin, line - begin));
            }
            line = next + 1;
        }
        return unfinished_rows();
    }

    /// The first byte behind `from` that is neither blank nor of a `--` comment, which a lone `\r` ends too.
    static std::size_t behind_comment(std::string_view line, std::size_t from) {
        constexpr std::string_view blanks = " \t\r\f";
        std::size_t at = line.find_first_not_of(blanks, from);
        while (at != std::string_view::npos && line.substr(at).starts_with("--")) {
            at = line.find_first_not_of(blanks, std::min(line.find('\r', at), line.size()));
        }
        return at;
    }

    Error unfinished_rows() const {
        return Error{.code = ErrorCode::parse_error,
                     .message = "the rows of a COPY do not end",
                     .hint = "end the statement with `;` and its rows with a line that is `\\.` alone"}
            .at(*first_);
    }

    void close() {
        ScriptStatement statement;
        statement.text = text_.substr(*begin_, end_ - *begin_);
        statement.offset = *first_;
        statement.line = line_of(*first_);
        statement.fit = fit_of(dialect_, head_);
        statement.session_only = sets_session_only(dialect_, head_);
        statement.tokens_digest = digest_.finish();
        script_.statements.push_back(std::move(statement));
        head_.clear();
        begin_.reset();
        first_.reset();
        marks_ = 0;
    }

    std::size_t line_of(std::size_t offset) {
        const std::string_view between = text_.substr(counted_, offset - counted_);
        line_ += static_cast<std::size_t>(std::count(between.begin(), between.end(), '\n'));
        counted_ = offset;
        return line_;
    }

    Dialect dialect_;
    std::string_view text_;
    Lexer lexer_;
    std::unique_ptr<Boundary> boundary_;
    Script script_ = {};
    TokenDigest digest_ = {};
    StatementHead head_ = {};
    std::optional<std::size_t> begin_ = {};  ///< Of the open statement, its comments first.
    std::optional<std::size_t> first_ = {};  ///< Its first token.
    std::size_t end_ = 0;                    ///< Of its last token.
    std::size_t marks_ = 0;                  ///< Semicolons that are a part when more follows.
    std::size_t line_ = 1;
    std::size_t counted_ = 0;
};

}  // namespace

Result<Script> split_script(Dialect dialect, std::string_view text) {
    if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
        return Error{.code = ErrorCode::parse_error, .message = "a zero byte is no part of a script"}.at(
            zero);
    }
    return Splitter(dialect, text).split();
}

}  // namespace majed::migrate
