// SPDX-License-Identifier: Apache-2.0
#include "migrate/migration_name.h"

#include "core/ascii.h"

#include <algorithm>
#include <utility>

namespace majed::migrate {
namespace {

constexpr std::string_view sql_suffix = ".sql";
constexpr std::string_view down_suffix = ".down";
constexpr std::string_view up_suffix = ".up";
/// What file systems allow, and the columns of the ledger with them.
constexpr std::size_t max_name_bytes = 255;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Error refused(std::string what) {
    return Error{.code = ErrorCode::invalid_argument, .message = std::move(what)};
}

Result<void> check_characters(std::string_view file) {
    if (file.size() > max_name_bytes) {
        return refused("its name is longer than 255 bytes");
    }
    if (file.find(' ') != std::string_view::npos) {
        return refused("its name has a space; write `_`");
    }
    if (!std::ranges::all_of(
            file, [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; })) {
        return refused("its name has other characters than a-z, A-Z, 0-9, `_`, `-` and `.`");
    }
    if (!file.ends_with(sql_suffix)) {
        return refused("its name ends in `" + std::string(file.substr(file.size() - sql_suffix.size())) +
                       "`; write `.sql`");
    }
    return {};
}

Result<std::string> parse_description(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of('_'), text.size()));
    if (text.empty()) {
        return refused("its name has no description; write `<version>_<description>.sql`");
    }
    if (text.find('.') != std::string_view::npos) {
        return refused("the description in its name has a dot");
    }
    return std::string(text);
}

Result<MigrationName> parse_repeatable(MigrationName name) {
    if (!name.stem.starts_with(repeatable_prefix)) {
        return refused("a repeatable one begins with `R__`");
    }
    if (name.undoes) {
        return refused("a repeatable one has no way down");
    }
    MAJED_TRY_ASSIGN(name.description,
                     parse_description(std::string_view(name.stem).substr(repeatable_prefix.size())));
    return name;
}

Result<MigrationName> parse_versioned(MigrationName name) {
    const std::string_view stem = name.stem;
    if (stem.size() > 1 && ascii_lower(stem.front()) == 'v' && is_digit(stem[1])) {
        return refused("its name begins with `" + std::string(stem.substr(0, 1)) +
                       "`; write the version alone");
    }
    const std::size_t end = stem.find('_');
    if (stem.empty() || !is_digit(stem.front())) {
        return refused("its name does not begin with a version; write `<version>_<description>.sql`");
    }
    auto version = Version::parse(stem.substr(0, end));
    if (!version) {
        return std::move(version).error();
    }
    if (*version == Version{}) {
        return refused("version 0 stands for the empty database");
    }
    name.version = std::move(*version);
    MAJED_TRY_ASSIGN(name.description,
                     parse_description(end == std::string_view::npos ? "" : stem.substr(end)));
    return name;
}

}  // namespace

bool is_migration_file(std::string_view file) noexcept {
    return !file.starts_with('.') && file.size() >= sql_suffix.size() &&
           equal_ascii_case(file.substr(file.size() - sql_suffix.size()), sql_suffix);
}

Result<MigrationName> parse_migration_name(std::string_view file) {
    MAJED_TRY(check_characters(file));
    std::string_view stem = file.substr(0, file.size() - sql_suffix.size());
    if (stem.ends_with(up_suffix)) {
        return refused("its name ends in `.up.sql`; write `.sql`");
    }
    MigrationName name;
    name.undoes = stem.ends_with(down_suffix);
    if (name.undoes) {
        stem.remove_suffix(down_suffix.size());
    }
    name.stem = stem;
    if (stem.size() > 1 && ascii_lower(stem.front()) == 'r' && stem[1] == '_') {
        return parse_repeatable(std::move(name));
    }
    return parse_versioned(std::move(name));
}

}  // namespace majed::migrate
