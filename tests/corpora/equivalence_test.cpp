// SPDX-License-Identifier: Apache-2.0
// Filtered-copy equivalence: a statement under policy answers as the plain statement on a copy to which the policy
// was applied by DELETE and UPDATE. Every statement of the question corpus, on every schema, under several policies.
#include "corpora/corpus.h"
#include "corpora/governed_file.h"
#include "corpora/plain_database.h"
#include "corpora/sample_policy.h"
#include "corpora/sample_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace majed::corpora {
namespace equivalence_test {

struct Figures {
    std::size_t compared = 0;
    std::size_t equal = 0;
    std::size_t not_empty = 0;
    std::size_t changed_by_policy = 0;
    std::size_t undetermined = 0;
    std::size_t both_fail = 0;
    std::size_t too_heavy = 0;
    std::size_t different = 0;
    std::size_t other_names = 0;
    std::map<std::string, std::size_t> refused;
    std::string examples;
};

constexpr RowOrder as_made = 0;

/// One schema under one policy: the governed file, and copies with the policy applied.
class Comparison {
public:
    Comparison(const std::string& ddl, const std::vector<std::string>& statements, std::size_t turn,
               AuditFolder& audit)
        : sample_(ddl, statements),
          full_ready_(full_.execute(sample_.script(as_made, Indexes::some))),
          policy_(sample_, full_, turn),
          governed_(sample_.script(as_made, Indexes::some) + policy_.access_list(), policy_.policies(),
                    audit) {
        EXPECT_TRUE(full_ready_) << full_.error();
        EXPECT_EQ(governed_.error(), "") << policy_.text();
        prepare(copy_, as_made, Indexes::some);
    }

    void compare(const Record& record, Figures& figures) {
        const Answer plain = copy_.run(record.sql);
        if (plain.end == Answer::End::too_heavy) {
            ++figures.too_heavy;
            return;
        }
        const GovernedAnswer governed = governed_.run(policy_.attributes(), record.sql);
        if (plain.end == Answer::End::failed) {
            if (governed.error) {
                ++figures.both_fail;
            } else {
                differ(record, figures, "the plain statement fails: " + plain.error);
            }
            return;
        }
        if (governed.error) {
            ++figures.refused[governed.error->message.substr(0, 50)];
            note(record, figures, "refused: " + governed.error->message);
            return;
        }
        judge(record, figures, plain, governed.answer);
    }

private:
    void prepare(PlainDatabase& copy, RowOrder order, Indexes indexes) {
        EXPECT_TRUE(copy.execute(sample_.script(order, indexes) + policy_.access_list())) << copy.error();
        EXPECT_TRUE(copy.execute(policy_.physical())) << copy.error() << "\n" << policy_.text();
    }

    void judge(const Record& record, Figures& figures, const Answer& plain, const Answer& governed) {
        if (governed.columns != plain.columns) {
            ++figures.other_names;
            note(record, figures, "other column names");
        }
        if (plain.same_rows(governed)) {
            ++figures.compared;
            ++figures.equal;
            if (!plain.rows.empty() && plain.rows != std::vector<std::string>{"~|"} &&
                plain.rows != std::vector<std::string>{"0|"}) {
                ++figures.not_empty;
            }
            if (!full_.run(record.sql).same_rows(plain)) ++figures.changed_by_policy;
            return;
        }
        if (!determined(record.sql, plain)) {
            ++figures.undetermined;
            return;
        }
        ++figures.compared;
        differ(record, figures,
               "plain has " + std::to_string(plain.rows.size()) + " rows, governed " +
                   std::to_string(governed.rows.size()) + first_difference(plain, governed));
    }

    /// False when the plain statement answers differently once the rows are met in another order: ties at a LIMIT,
    /// bare columns of a group, the order inside group_concat.
    bool determined(const std::string& sql, const Answer& plain) {
        for (std::size_t i = 0; i < others_.size(); ++i) {
            if (others_[i] == nullptr) {
                others_[i] = std::make_unique<PlainDatabase>();
                prepare(*others_[i], i / 2, i % 2 == 0 ? Indexes::none : Indexes::some);
                // Indexes made on the fly order ties by whatever columns they hold.
                EXPECT_TRUE(i % 4 < 2 || others_[i]->execute("PRAGMA automatic_index = 0"));
                EXPECT_TRUE(i != 1 || others_[i]->execute("PRAGMA reverse_unordered_selects = 1"));
            }
            if (!plain.same_rows(others_[i]->run(sql))) return false;
        }
        return true;
    }

    static std::string first_difference(const Answer& plain, const Answer& governed) {
        for (std::size_t i = 0; i < std::min(plain.rows.size(), governed.rows.size()); ++i) {
            if (plain.rows[i] != governed.rows[i]) return ": " + plain.rows[i] + " <> " + governed.rows[i];
        }
        return "";
    }

    void differ(const Record& record, Figures& figures, const std::string& why) {
        ++figures.different;
        note(record, figures, why);
    }

    void note(const Record& record, Figures& figures, const std::string& why) {
        constexpr std::size_t most = 20'000;
        if (figures.examples.size() > most) return;
        figures.examples += record.id + " (" + record.schema + "): " + why + "\n  " + record.sql + "\n  " +
                            governed_.rewritten(policy_.attributes(), record.sql) + "\n" + policy_.text();
    }

    SampleRows sample_;
    PlainDatabase full_;
    bool full_ready_;
    SamplePolicy policy_;
    GovernedFile governed_;
    PlainDatabase copy_;
    std::array<std::unique_ptr<PlainDatabase>, 40>
        others_;  // the same rows, met in other orders; made at need
};

void print(const Figures& figures, std::size_t statements, std::size_t schemas) {
    std::printf(
        "%zu statements on %zu schemas\n"
        "%8zu compared, %zu equal, %zu of them with rows, %zu changed by the policy\n"
        "%8zu different\n%8zu undetermined: the plain answer depends on the order of the rows\n"
        "%8zu fail with and without policy\n%8zu too heavy to run\n%8zu with other column names\n",
        statements, schemas, figures.compared, figures.equal, figures.not_empty, figures.changed_by_policy,
        figures.different, figures.undetermined, figures.both_fail, figures.too_heavy, figures.other_names);
    for (const auto& [reason, count] : figures.refused)
        std::printf("%8zu refused: %s\n", count, reason.c_str());
}

/// Every turn gives every table of every schema another form of filter and mask.
class Equivalence : public testing::TestWithParam<std::size_t> {};

TEST_P(Equivalence, of_every_question_under_policy_and_on_a_filtered_copy) {
    std::string reason;
    const auto records = read_corpus("sqlite", reason, GetParam());
    if (!records) GTEST_SKIP() << reason;
    std::map<std::string, std::vector<Record>> by_schema;
    for (const Record& record : *records) {
        if (record.readonly && record.accepted) by_schema[record.schema].push_back(record);
    }
    const SchemaTexts texts;
    AuditFolder audit;
    Figures figures;
    std::size_t statements = 0;
    for (const auto& [schema, group] : by_schema) {
        std::vector<std::string> sql;
        for (const Record& record : group) sql.push_back(record.sql);
        statements += group.size();
        Comparison comparison(texts.of(group.front()), sql, GetParam(), audit);
        for (const Record& record : group) comparison.compare(record, figures);
        ASSERT_FALSE(HasFailure()) << schema;
    }
    print(figures, statements, by_schema.size());
    EXPECT_EQ(figures.different, 0U) << figures.examples;
    EXPECT_TRUE(figures.refused.empty()) << figures.examples;
    EXPECT_EQ(figures.other_names, 0U) << figures.examples;
    EXPECT_GT(figures.not_empty * 3, figures.compared);
}

// One turn is enough for the sanitizers.
INSTANTIATE_TEST_SUITE_P(Policies, Equivalence, testing::Range<std::size_t>(0, corpus_parts == 1 ? 3 : 1));

}  // namespace equivalence_test
}  // namespace majed::corpora
