// SPDX-License-Identifier: Apache-2.0
#include "config/document.h"

#include "config/reading.h"

#include <unistd.h>

#include <utility>

namespace majed::config {

TextMap process_environment() {
    TextMap variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

Document::Document(std::unique_ptr<Reading> reading) : reading_(std::move(reading)) {}

Document::Document(Document&&) noexcept = default;

Document& Document::operator=(Document&&) noexcept = default;

Document::~Document() = default;

Result<Document> Document::read(const std::string& file, Overrides overrides) {
    MAJED_TRY_ASSIGN(const std::string text, read_whole_file(file));
    return parse(text, file, std::move(overrides));
}

Result<Document> Document::parse(std::string_view text, const std::string& name, Overrides overrides) {
    auto reading = std::make_unique<Reading>();
    reading->overrides = std::move(overrides);
    MAJED_TRY(reading->load(text, name));
    return Document(std::move(reading));
}

Table Document::root() {
    return Table(*reading_, &reading_->root, "", "");
}

Table Document::table(std::string_view key) {
    return root().table(key);
}

std::vector<Table> Document::array_of_tables(std::string_view key) {
    return root().array_of_tables(key);
}

Result<void> Document::finish() {
    return reading_->finish();
}

const std::vector<Setting>& Document::settings() const noexcept {
    return reading_->settings;
}

const std::vector<std::string>& Document::files() const noexcept {
    return reading_->files;
}

}  // namespace majed::config
