// SPDX-License-Identifier: Apache-2.0
#include "migrate/created_source.h"

#include "migrate/query_rows.h"

#include <algorithm>
#include <array>
#include <vector>

namespace majed::migrate {

namespace {

constexpr std::array<std::string_view, 5> kinds{"PROCEDURE", "FUNCTION", "PACKAGE", "TYPE", "TRIGGER"};
constexpr std::array<std::string_view, 9> passed_over{
    "OR", "REPLACE", "EDITIONABLE", "NONEDITIONABLE", "AND", "FORCE", "IF", "NOT", "EXISTS"};
constexpr int compiled_with_errors = 24344;
/// A name comes after at most so many words.
constexpr std::size_t most_words = 14;

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool in_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '#' || static_cast<unsigned char>(c) >= 0x80;
}

char upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// Behind the comment that begins at `at`; of PostgreSQL's, which nest, behind the outermost.
std::size_t behind_comment(Dialect dialect, std::string_view text, std::size_t at) noexcept {
    if (dialect != Dialect::postgresql) {
        const std::size_t end = text.find("*/", at + 2);
        return end == std::string_view::npos ? text.size() : end + 2;
    }
    std::size_t depth = 0;
    do {
        const bool opens = text.substr(at).starts_with("/*");
        const bool closes = text.substr(at).starts_with("*/");
        depth = opens ? depth + 1 : closes ? depth - 1 : depth;
        at += opens || closes ? 2 : 1;
    } while (depth > 0 && at < text.size());
    return at;
}

/// Behind blanks and comments from `at` on.
std::size_t skip(Dialect dialect, std::string_view text, std::size_t at) noexcept {
    while (at < text.size()) {
        const std::string_view rest = text.substr(at);
        if (is_blank(rest.front())) {
            ++at;
        } else if (rest.starts_with("--")) {
            const std::size_t end = rest.find('\n');
            at = end == std::string_view::npos ? text.size() : at + end + 1;
        } else if (rest.starts_with("/*")) {
            at = behind_comment(dialect, text, at);
        } else {
            break;
        }
    }
    return at;
}

/// Words, quoted names (without quotes, behind a mark) and single signs.
class Words {
public:
    explicit Words(std::string_view text) : text_(text) {}

    std::string next() {
        at_ = skip(Dialect::oracle, text_, at_);
        if (at_ >= text_.size()) {
            return {};
        }
        if (text_[at_] == '"') {
            const std::size_t end = std::min(text_.find('"', at_ + 1), text_.size());
            std::string name(text_.substr(at_ + 1, end - at_ - 1));
            at_ = std::min(end + 1, text_.size());
            return '"' + name;
        }
        std::string word;
        while (at_ < text_.size() && in_word(text_[at_])) {
            word += upper(text_[at_++]);
        }
        return word.empty() ? std::string(1, text_[at_++]) : word;
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& words, std::string_view word) noexcept {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string bare(const std::string& word) {
    return word.starts_with('"') ? word.substr(1) : word;
}

}  // namespace

std::size_t first_word_at(Dialect dialect, std::string_view text) noexcept {
    return skip(dialect, text, 0);
}

std::optional<CreatedSource> created_source(std::string_view text) {
    Words words(text);
    if (words.next() != "CREATE") {
        return std::nullopt;
    }
    std::string word = words.next();
    for (std::size_t i = 0; i < most_words && holds(passed_over, word); ++i) {
        word = words.next();
    }
    if (!holds(kinds, word)) {
        return std::nullopt;
    }
    CreatedSource created;
    created.type = word;
    word = words.next();
    if (word == "BODY") {
        created.type += " BODY";
        word = words.next();
    }
    while (holds(passed_over, word)) {
        word = words.next();
    }
    created.name = bare(word);
    if (words.next() == ".") {
        created.name = bare(words.next());
    }
    return created;
}

Result<void> check_created_source(driver::Connection& connection, std::string_view text, Deadline deadline) {
    const std::optional<CreatedSource> created = created_source(text);
    if (!created) {
        return {};
    }
    MAJED_TRY_ASSIGN(const std::vector<Row> rows,
                     fetch(connection,
                           "SELECT line, text FROM user_errors WHERE name = :p_name AND type = :p_type "
                           "AND attribute = 'ERROR' ORDER BY sequence",
                           {{"p_name", created->name}, {"p_type", created->type}}, deadline));
    if (rows.empty()) {
        return {};
    }
    return Error{
        .code = ErrorCode::invalid_argument,
        .message = "the " + created->type + ' ' + created->name + " does not compile",
        .hint = "line " + std::to_string(integer_of(rows.front()[0])) + " of it: " + text_of(rows.front()[1]),
        .native_code = compiled_with_errors,
        .failure = FailureClass::user_error,
        .native_state = "ORA-24344"};
}

}  // namespace majed::migrate
