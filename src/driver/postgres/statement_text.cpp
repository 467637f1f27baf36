// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/statement_text.h"

#include "core/ascii.h"
#include "core/utf8.h"

#include <algorithm>
#include <array>
#include <optional>

namespace majed::driver::postgres {

namespace {

bool begins_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

constexpr std::array<std::string_view, 5> query_words{"select", "values", "table", "with", "show"};
constexpr std::array<std::string_view, 8> write_words{"insert", "update", "delete",  "merge",
                                                      "into",   "call",   "nextval", "setval"};

constexpr std::array<std::string_view, 5> dml_words{"insert", "update", "delete", "merge", "with"};
constexpr std::array<std::string_view, 3> commit_words{"commit", "end", "prepare"};
/// What stands before a bracket without writing: words of the grammar, types, and functions of PostgreSQL itself.
/// Any other function may write.
constexpr std::string_view harmless_words =
    " abs all and any array array_agg as avg between bit bool_and bool_or btrim by case cast ceil "
    "char character coalesce concat count current_setting date_trunc decimal dense_rank distinct "
    "else except exists extract filter first_value float floor format format_type from "
    "generate_series greatest group grouping having ilike in intersect interval is json_agg "
    "jsonb_agg lag last_value lateral lead least left length like limit lower materialized max md5 "
    "min mod not now nullif numeric offset on or order over overlay partition pg_sleep position rank "
    "repeat replace right round row row_number select sets some string_agg substring sum then time "
    "timestamp to_char to_regclass trim trunc union unnest upper using values varchar varying when "
    "where within ";
/// A name and its columns follow.
constexpr std::array<std::string_view, 3> naming_words{"as", "with", "recursive"};

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& words, std::string_view word) noexcept {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view w) { return equal_ascii_case(w, word); });
}

bool is_harmless(std::string_view word) {
    return harmless_words.find(' ' + ascii_lower(word) + ' ') != std::string_view::npos;
}

Error wrong_text(std::string message) {
    return Error{.code = ErrorCode::invalid_argument,
                 .message = std::move(message),
                 .failure = FailureClass::user_error};
}

}  // namespace

/// Walks over the text token by token, copying what is not a named parameter.
class StatementReader {
public:
    explicit StatementReader(std::string_view sql) : sql_(sql) {}

    Result<StatementText> run() {
        if (const auto nul = sql_.find('\0'); nul != std::string_view::npos) {
            return wrong_text("a statement cannot hold a NUL byte").at(nul);
        }
        while (at_ < sql_.size()) {
            step();
        }
        if (equal_ascii_case(first_word_, "copy")) {
            return Error{.code = ErrorCode::unsupported,
                         .message = "COPY is not supported",
                         .hint = "use SELECT, or INSERT for many rows",
                         .failure = FailureClass::user_error};
        }
        if (empty_) {
            // The server takes a text without a statement for one that does nothing.
            return wrong_text("the text must hold exactly one statement");
        }
        if (positional_at_ && !text_.names_.empty()) {
            return wrong_text("a statement has either $1 or :name parameters, not both").at(*positional_at_);
        }
        text_.only_reads_ = holds(query_words, first_word_) && !writes_;
        text_.is_dml_ = holds(dml_words, first_word_);
        text_.may_commit_ = holds(commit_words, first_word_);
        return std::move(text_);
    }

private:
    enum class Bracket : char { round, constructor, subscript };

    char peek(std::size_t ahead = 0) const noexcept {
        return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
    }

    /// Copies up to `end`.
    void take(std::size_t end) {
        end = std::min(end, sql_.size());
        text_.native_.append(sql_.substr(at_, end - at_));
        at_ = end;
    }

    std::size_t past(std::string_view mark, std::size_t from) const noexcept {
        const std::size_t found = sql_.find(mark, from);
        return found == std::string_view::npos ? sql_.size() : found + mark.size();
    }

    void step() {
        const char c = peek();
        if (is_space(c)) {
            take(at_ + 1);
        } else if (c == '-' && peek(1) == '-') {
            take(past("\n", at_));
        } else if (c == '/' && peek(1) == '*') {
            take(comment_end());
        } else {
            empty_ = empty_ && c == ';';
            token(c);
        }
    }

    void token(char c) {
        if (c == '\'' || c == '"') {
            quoted(c);
        } else if (begins_word(c)) {
            word();
        } else if (is_ascii_digit(c)) {
            number();
        } else if (c == '$') {
            dollar();
        } else if (c == ':') {
            colon();
        } else {
            symbol(c);
        }
    }

    std::size_t comment_end() const noexcept {
        std::size_t depth = 0;
        for (std::size_t i = at_; i + 1 < sql_.size(); ++i) {
            if (sql_[i] == '/' && sql_[i + 1] == '*') {
                ++depth;
                ++i;
            } else if (sql_[i] == '*' && sql_[i + 1] == '/') {
                ++i;
                if (--depth == 0) {
                    return i + 1;
                }
            }
        }
        return sql_.size();
    }

    void quoted(char quote) {
        std::size_t end = at_ + 1;
        // A doubled quote closes here and opens the next literal at once: the same bytes are copied.
        while (end < sql_.size() && sql_[end] != quote) {
            end += escapes_ && sql_[end] == '\\' ? 2U : 1U;
        }
        take(end + 1);
        if (escapes_ && peek() == quote) {
            return;
        }
        escapes_ = false;
        operand("");
        may_call_ = quote == '"';
    }

    void word() {
        std::size_t end = at_;
        while (end < sql_.size() &&
               (begins_word(sql_[end]) || is_ascii_digit(sql_[end]) || sql_[end] == '$')) {
            ++end;
        }
        const std::string_view text = sql_.substr(at_, end - at_);
        if (first_word_.empty()) {
            first_word_ = text;
        }
        const bool names = holds(naming_words, last_word_);
        may_call_ = !names && !is_harmless(text);
        writes_ = writes_ || holds(write_words, text);
        take(end);
        operand(text);
        escapes_ = equal_ascii_case(text, "e") && peek() == '\'';
    }

    void number() {
        std::size_t end = at_;
        while (end < sql_.size() &&
               (is_ascii_digit(sql_[end]) || sql_[end] == '.' || begins_word(sql_[end]))) {
            ++end;
        }
        take(end);
        operand("");
    }

    void dollar() {
        if (is_ascii_digit(peek(1))) {
            positional_at_ = positional_at_.value_or(at_);
            std::size_t end = at_ + 1;
            while (end < sql_.size() && is_ascii_digit(sql_[end])) {
                ++end;
            }
            take(end);
            return operand("");
        }
        std::size_t end = at_ + 1;
        while (end < sql_.size() && (begins_word(sql_[end]) || is_ascii_digit(sql_[end]))) {
            ++end;
        }
        if (end >= sql_.size() || sql_[end] != '$') {
            return symbol('$');
        }
        take(past(sql_.substr(at_, end + 1 - at_), end + 1));
        operand("");
    }

    void colon() {
        if (peek(1) == ':' || peek(1) == '=') {
            take(at_ + 2);
            after_operand_ = false;
            return;
        }
        const bool in_subscript = !brackets_.empty() && brackets_.back() == Bracket::subscript;
        if (!begins_word(peek(1)) || (in_subscript && after_operand_)) {
            return symbol(':');
        }
        std::size_t end = at_ + 1;
        while (end < sql_.size() && (begins_word(sql_[end]) || is_ascii_digit(sql_[end]))) {
            ++end;
        }
        const std::string_view name = sql_.substr(at_ + 1, end - at_ - 1);
        auto known = std::find(text_.names_.begin(), text_.names_.end(), name);
        if (known == text_.names_.end()) {
            known = text_.names_.emplace(known, name);
        }
        text_.edits_.emplace_back(text_.native_.size(), at_);
        text_.native_ += '$' + std::to_string(known - text_.names_.begin() + 1);
        at_ = end;
        text_.edits_.emplace_back(text_.native_.size(), at_);
        operand("");
    }

    void symbol(char c) {
        const bool in_constructor = !brackets_.empty() && brackets_.back() == Bracket::constructor;
        if (c == '(') {
            writes_ = writes_ || (may_call_ && after_operand_);
            brackets_.push_back(Bracket::round);
        } else if (c == '[') {
            const bool opens = equal_ascii_case(last_word_, "array") || (in_constructor && !after_operand_);
            brackets_.push_back(opens ? Bracket::constructor : Bracket::subscript);
        } else if ((c == ')' || c == ']') && !brackets_.empty()) {
            brackets_.pop_back();
        }
        take(at_ + 1);
        last_word_ = {};
        may_call_ = false;
        after_operand_ = c == ')' || c == ']';
    }

    void operand(std::string_view word) noexcept {
        may_call_ = may_call_ && !word.empty();
        last_word_ = word;
        after_operand_ = true;
    }

    std::string_view sql_;
    std::size_t at_ = 0;
    StatementText text_;
    std::vector<Bracket> brackets_;
    bool empty_ = true;  ///< Only blanks, comments and semicolons so far.
    std::string_view first_word_;
    std::string_view last_word_;  ///< When the last token was a word, that word.
    bool after_operand_ = false;
    bool escapes_ = false;   ///< The literal that begins here has backslash escapes.
    bool may_call_ = false;  ///< A bracket now would begin the arguments of a function that may write.
    bool writes_ = false;
    std::optional<std::size_t> positional_at_;
};

Result<StatementText> StatementText::read(std::string_view sql) {
    return StatementReader(sql).run();
}

Result<StatementText> StatementText::as_written(std::string_view query) {
    if (const auto nul = query.find('\0'); nul != std::string_view::npos) {
        return wrong_text("a statement cannot hold a NUL byte").at(nul);
    }
    StatementText text;
    text.native_ = query;
    text.only_reads_ = true;
    return text;
}

std::size_t StatementText::offset_of(std::size_t character) const noexcept {
    std::size_t byte = 0;
    for (std::size_t left = character == 0 ? 0 : character - 1; byte < native_.size(); ++byte) {
        if (begins_character(native_[byte]) && left-- == 0) {
            break;
        }
    }
    std::pair<std::size_t, std::size_t> last{0, 0};
    bool within = false;  // A parameter: its edits come in pairs.
    for (const auto& edit : edits_) {
        if (edit.first > byte) {
            break;
        }
        last = edit;
        within = !within;
    }
    return within ? last.second : last.second + (byte - last.first);
}

}  // namespace majed::driver::postgres
