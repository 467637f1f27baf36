// SPDX-License-Identifier: Apache-2.0
#include "splitting/sample_files.h"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace majed::splitting {
namespace {

const std::filesystem::path& folder() {
    static const std::filesystem::path path = std::filesystem::path(MAJED_PROJECT_ROOT) / "../shared/corpora";
    return path;
}

}  // namespace

std::string corpora_missing() {
    return std::filesystem::exists(folder() / "splitting")
               ? ""
               : "there is no " + (folder() / "splitting").string();
}

std::string read_sample(std::string_view path) {
    std::ifstream file(folder() / path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> read_golden(std::string_view name) {
    constexpr std::string_view separator = "\n-- end --\n";
    const std::string text = read_sample("splitting/" + std::string(name) + ".golden");
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        pieces.push_back(text.substr(at, end - at));
        at = end + separator.size();
    }
    return pieces;
}

std::vector<std::string> read_statements(std::string_view corpus, const char* accepted) {
    std::ifstream file(folder() / (std::string(corpus) + ".jsonl"));
    simdjson::dom::parser parser;
    std::vector<std::string> statements;
    for (std::string line; std::getline(file, line);) {
        simdjson::dom::element object;
        std::string_view sql;
        bool good = false;
        if (parser.parse(line).get(object) == simdjson::SUCCESS &&
            object["sql"].get(sql) == simdjson::SUCCESS && object[accepted].get(good) == simdjson::SUCCESS &&
            good) {
            statements.emplace_back(sql);
        }
    }
    return statements;
}

std::vector<std::string> sqlite_schemas() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder() / "schemas")) {
        const std::string name = entry.path().filename().string();
        if (name.find("-pg") == std::string::npos) {
            names.push_back("schemas/" + name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace majed::splitting
