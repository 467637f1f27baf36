// SPDX-License-Identifier: Apache-2.0
#include "cli/operation_commands.h"

#include "catalog/snapshot.h"
#include "format/health_json.h"
#include "format/json.h"
#include "format/text.h"
#include "format/text_table.h"

#include <functional>
#include <ostream>
#include <utility>
#include <variant>
#include <vector>

namespace majed::cli {
namespace {

/// A list both ways: the columns of the table are the members of the objects.
struct List {
    std::vector<std::string> titles;  ///< Upper case; the members are in lower case.
    std::vector<std::vector<std::string>> lines;
};

std::string lower(std::string text) {
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

void print(Context& context, const List& list) {
    std::string out;
    if (context.output == Output::json) {
        format::JsonWriter json(out);
        json.begin_object().key("items").begin_array();
        for (const auto& line : list.lines) {
            json.begin_object();
            for (std::size_t i = 0; i < line.size(); ++i) {
                json.key(lower(list.titles[i])).text(line[i]);
            }
            json.end_object();
        }
        json.end_array().key("next").null().end_object();
        out += '\n';
    } else {
        format::TextTable table(list.titles);
        for (const auto& line : list.lines) {
            std::vector<format::TableCell> cells;
            cells.reserve(line.size());
            for (const auto& text : line) {
                cells.push_back({format::printable(text)});
            }
            table.add(std::move(cells));
        }
        table.append_to(out);
    }
    context.terminal.out << out;
}

constexpr std::chrono::seconds ping_patience{5};

std::string milliseconds_text(std::chrono::nanoseconds span) {
    const auto tenths = std::chrono::duration_cast<std::chrono::microseconds>(span).count() / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string observed_text(const format::HealthCheck& check) {
    struct Text {
        std::string operator()(std::monostate) const { return {}; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return format::real_text(number); }
        std::string operator()(const std::string& text) const { return text; }
    };
    std::string text = std::visit(Text{}, check.value);
    return text.empty() || check.unit.empty() ? text : text + " " + check.unit;
}

Result<source::SourceRegistry*> sources_of(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    return installation->sources();
}

}  // namespace

Result<void> initialise(Context& context, const std::string& folder, InitialContent content) {
    MAJED_TRY_ASSIGN(const InitReport report, context.program.initialise(folder, content));
    auto& out = context.terminal.out;
    for (const auto& file : report.files) {
        out << "wrote " << file << "\n";
    }
    out << "\n" << report.logins;
    if (content == InitialContent::demo) return {};
    const std::string configuration = folder.empty() || folder == "." ? "majed.toml" : folder + "/majed.toml";
    out << "next:\n  majed user add NAME --role normal --config " << configuration
        << "\n  name your databases and rules in " << configuration << ", then: majed serve --config "
        << configuration << "\n";
    return {};
}

Result<void> serve(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    return installation->serve([&context](std::string_view address) {
        context.terminal.out << "serving on http://" << address << std::endl;
    });
}

Result<void> list_sources(Context& context) {
    MAJED_TRY_ASSIGN(source::SourceRegistry* const sources, sources_of(context));
    List list{{"SOURCE", "ENGINE", "LOCATION"}, {}};
    for (const auto& source : sources->sources()) {
        list.lines.push_back(
            {source->options().name, std::string(source->engine()), source->options().location});
    }
    print(context, list);
    return {};
}

Result<void> ping_sources(Context& context, const std::string& source) {
    MAJED_TRY_ASSIGN(source::SourceRegistry* const sources, sources_of(context));
    if (!source.empty()) {
        MAJED_TRY(sources->find(source));
    }
    Result<void> worst;
    List list{{"SOURCE", "STATE", "MILLISECONDS"}, {}};
    for (const auto& one : sources->sources()) {
        if (!source.empty() && one->options().name != source) {
            continue;
        }
        const auto answer = one->probe(deadline_after(ping_patience));
        list.lines.push_back({one->options().name, answer ? "answers" : answer.error().message,
                              answer ? milliseconds_text(*answer) : ""});
        if (!answer) {
            worst = answer.error();
        }
    }
    print(context, list);
    return worst;
}

Result<void> list_tables(Context& context, const std::string& source) {
    MAJED_TRY_ASSIGN(source::SourceRegistry* const sources, sources_of(context));
    MAJED_TRY_ASSIGN(source::Source* const found, sources->find(source));
    List list{{"TABLE", "KIND", "COLUMNS"}, {}};
    MAJED_TRY_ASSIGN(const auto snapshot, found->catalog());
    for (const auto& relation : snapshot->relations()) {
        if (relation.kind == catalog::RelationKind::internal ||
            relation.kind == catalog::RelationKind::shadow) {
            continue;
        }
        list.lines.push_back({relation.full_name(), std::string(to_string(relation.kind)),
                              std::to_string(relation.columns.size())});
    }
    print(context, list);
    return {};
}

Result<void> describe_table(Context& context, const std::string& source, const std::string& table) {
    MAJED_TRY_ASSIGN(source::SourceRegistry* const sources, sources_of(context));
    MAJED_TRY_ASSIGN(source::Source* const found, sources->find(source));
    MAJED_TRY_ASSIGN(const auto snapshot, found->catalog());
    const catalog::Relation* const relation = snapshot->find(table);
    if (relation == nullptr) {
        return Error{ErrorCode::not_found, "there is no table " + format::printable(table)};
    }
    List list{{"COLUMN", "TYPE", "NOT_NULL"}, {}};
    for (const auto& column : relation->columns) {
        list.lines.push_back({column.name, column.declared_type, column.not_null ? "yes" : "no"});
    }
    print(context, list);
    return {};
}

Result<void> show_health(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(const format::HealthDocument document, installation->health());
    if (context.output == Output::json) {
        context.terminal.out << format::health_json(document);
    } else {
        List list{{"COMPONENT", "MEASUREMENT", "STATUS", "VALUE", "OUTPUT"}, {}};
        for (const format::HealthCheck& check : document.checks) {
            list.lines.push_back({check.component, check.measurement, std::string(name_of(check.status)),
                                  observed_text(check), check.output});
        }
        print(context, list);
        context.terminal.out << name_of(document.status) << "\n";
    }
    if (document.status == format::HealthLevel::fail) {
        return Error{ErrorCode::unavailable, "a required source is down"};
    }
    return {};
}

Result<void> check_configuration(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(source::SourceRegistry* const sources, installation->sources());
    MAJED_TRY(installation->gateway());
    for (const auto& source : sources->sources()) {
        if (const auto catalog = source->catalog(); !catalog) {
            if (source->options().required) {
                return catalog.error();
            }
            context.terminal.err << "warning: " << catalog.error().message
                                 << "; its rules were not checked\n";
        }
    }
    context.terminal.out << context.choice.configuration << ": ok, " << sources->sources().size()
                         << (sources->sources().size() == 1 ? " source, " : " sources, ")
                         << installation->rule_count() << " rules\n";
    return {};
}

Result<void> show_configuration(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    List list{{"KEY", "VALUE", "ORIGIN"}, {}};
    for (const auto& setting : installation->settings()) {
        list.lines.push_back({setting.key, setting.value, setting.origin});
    }
    print(context, list);
    return {};
}

void print_version(Context& context) {
    std::string out;
    if (context.output == Output::json) {
        format::JsonWriter json(out);
        json.begin_object().key("version").text(context.program.version()).end_object();
    } else {
        out = "majed " + std::string(context.program.version());
    }
    context.terminal.out << out << "\n";
}

}  // namespace majed::cli
