// SPDX-License-Identifier: Apache-2.0
#include "corpora/corpus.h"

#include "core/ascii.h"

#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>

namespace majed::corpora {
namespace {

using simdjson::dom::element;

std::string folder() {
    return MAJED_PROJECT_ROOT "/../shared/corpora/";
}

std::string text_of(element object, const char* key) {
    std::string_view value;
    return object[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

bool flag_of(element object, const char* key) {
    bool value = false;
    return object[key].get(value) == simdjson::SUCCESS && value;
}

/// False when there is no such file.
bool each_line(const std::string& path, const std::function<void(element)>& use) {
    std::ifstream file(path);
    if (!file) return false;
    simdjson::dom::parser parser;
    for (std::string line; std::getline(file, line);) {
        element object;
        if (parser.parse(line).get(object) == simdjson::SUCCESS) use(object);
    }
    return true;
}

/// The judge keeps quotes and schemas; neither matters to who reads what here.
std::set<std::string> tables_of(element object) {
    std::set<std::string> tables;
    simdjson::dom::array names;
    if (object["antlr_tables"].get(names) != simdjson::SUCCESS) return tables;
    for (const element each : names) {
        std::string_view name;
        if (each.get(name) != simdjson::SUCCESS) continue;
        std::string plain;
        for (const char c : name.substr(name.rfind('.') + 1)) {
            if (c != '"') plain += ascii_lower(c);
        }
        tables.insert(std::move(plain));
    }
    return tables;
}

Record record_from(element object) {
    Record record;
    record.id = text_of(object, "id");
    record.dialect = text_of(object, "dialect");
    record.sql = text_of(object, "sql");
    record.schema = text_of(object, "schema");
    if (record.schema.empty()) record.schema = text_of(object, "db");
    record.kind = text_of(object, "kind");
    record.engine_error = text_of(object, "sqlite_error") + text_of(object, "pg_error");
    record.verdict = text_of(object, "first_prepare") + text_of(object, "sqlite");
    record.expect = text_of(object, "expect");
    record.category = text_of(object, "category");
    record.pair_of = text_of(object, "pair_of");
    const bool oracle = flag_of(object, "antlr_ok") && flag_of(object, "sqlglot_head_ok");
    record.accepted = flag_of(object, "sqlite_ok") || flag_of(object, "pg_ok") || oracle;
    if (flag_of(object, "judges_agree")) record.tables = tables_of(object);
    record.readonly = flag_of(object, "readonly");
    return record;
}

std::set<std::string> names_of(element object, const char* key) {
    std::set<std::string> names;
    simdjson::dom::array values;
    if (object[key].get(values) != simdjson::SUCCESS) return names;
    for (const element value : values) {
        std::string_view name;
        if (value.get(name) == simdjson::SUCCESS) names.emplace(name);
    }
    return names;
}

TruthRelation relation_from(element object) {
    TruthRelation relation{text_of(object, "schema"), text_of(object, "table"),   0,
                           names_of(object, "read"),  names_of(object, "insert"), names_of(object, "update")};
    if (object["perm"].get(relation.permissions) != simdjson::SUCCESS) relation.permissions = 0;
    return relation;
}

TruthRead read_from(element object) {
    return {text_of(object, "db"), text_of(object, "table"), text_of(object, "via"),
            names_of(object, "cols")};
}

Truth truth_from(element object) {
    Truth truth;
    simdjson::dom::array reads;
    if (object["reads"].get(reads) == simdjson::SUCCESS) {
        for (const element read : reads) truth.reads.push_back(read_from(read));
    }
    simdjson::dom::array relations;
    if (object["relations"].get(relations) == simdjson::SUCCESS) {
        for (const element relation : relations) {
            truth.analysed.push_back(relation_from(relation));
            truth.relations.insert(truth.analysed.back().table);
        }
    }
    for (const std::string& function : names_of(object, "functions"))
        truth.functions.insert(function.substr(function.find('.') + 1));
    simdjson::dom::array actions;
    if (object["actions"].get(actions) != simdjson::SUCCESS) return truth;
    for (const element action : actions) {
        std::string_view kind;
        std::string_view table;
        if (action.at(0).get(kind) == simdjson::SUCCESS && kind == "UPDATE" &&
            action.at(1).get(table) == simdjson::SUCCESS) {
            truth.updates.emplace(table);
        }
        if (kind != "INSERT" && kind != "UPDATE" && kind != "DELETE") continue;
        const auto part = [action](std::size_t index) {
            std::string_view text;
            return action.at(index).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
        };
        truth.writes.push_back({std::string(kind), part(1), part(2), part(4)});
    }
    return truth;
}

void keep_part(std::vector<Record>& records, std::size_t part) {
    constexpr std::size_t many = 100;
    std::map<std::string, std::size_t> schemas;
    for (const Record& record : records) schemas.try_emplace(record.schema, schemas.size());
    if (schemas.size() < many) return;
    std::erase_if(records, [&](const Record& record) {
        return schemas.at(record.schema) % corpus_parts != part % corpus_parts;
    });
}

}  // namespace

std::optional<std::vector<Record>> read_corpus(std::string_view name, std::string& reason, std::size_t part) {
    std::vector<Record> records;
    const std::string path = folder() + std::string(name) + ".jsonl";
    if (!each_line(path, [&](element object) { records.push_back(record_from(object)); })) {
        reason = "there is no " + path;
        return std::nullopt;
    }
    keep_part(records, part);
    return records;
}

std::map<std::string, Truth> read_truth(std::string_view name) {
    std::map<std::string, Truth> truths;
    each_line(folder() + std::string(name) + "_truth.jsonl",
              [&](element object) { truths.emplace(text_of(object, "id"), truth_from(object)); });
    return truths;
}

SchemaTexts::SchemaTexts() {
    each_line(folder() + "schemas_snapshots.jsonl",
              [&](element object) { snapshots_.emplace(text_of(object, "schema"), text_of(object, "sql")); });
}

std::string SchemaTexts::of(const Record& record) const {
    if (const auto found = snapshots_.find(record.schema); found != snapshots_.end()) return found->second;
    std::string file = record.schema;
    for (std::size_t at = file.find('/'); at != std::string::npos; at = file.find('/'))
        file.replace(at, 1, "__");
    std::ifstream stream(folder() + "schemas/" + file + ".sql");
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

}  // namespace majed::corpora
