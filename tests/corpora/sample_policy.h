/// Row filters and masks for sample tables, each twice: as an operator writes it, and as plain SQL.
///
/// Why      The plain form is applied to a copy by DELETE and UPDATE, independently of how enforcement works.
/// Life     A value, made from the rows it will filter.
/// Threads  A value.
/// Not here Running statements under it (governed_copy.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"
#include "corpora/plain_database.h"
#include "corpora/sample_rows.h"
#include "policy/policy_set.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace majed::corpora {

/// Forms of row rules and masks rotate over the tables; another `turn` gives every table another form.
class SamplePolicy {
public:
    /// `full` holds the unfiltered rows.
    SamplePolicy(const SampleRows& sample, PlainDatabase& full, std::size_t turn);

    [[nodiscard]] std::shared_ptr<const policy::PolicySet> policies() const;
    [[nodiscard]] const Attributes& attributes() const { return attributes_; }
    /// A table that only policies read; part of the source and of every copy.
    [[nodiscard]] const std::string& access_list() const { return access_list_; }
    /// Makes the copy: to be run where the sample's script and the access list were run.
    [[nodiscard]] const std::string& physical() const { return physical_; }
    /// For messages: the rules as an operator would write them.
    [[nodiscard]] std::string text() const;

private:
    struct Rule {
        std::string rows;   // as an operator writes it
        std::string plain;  // as SQL on the copy
    };
    Rule rule_for(const SampleTable& table, PlainDatabase& full, std::size_t form, std::size_t number);
    void add_mask(const SampleTable& table, std::size_t column, std::size_t form);

    std::vector<policy::RowPolicy> rows_;
    std::vector<policy::MaskPolicy> masks_;
    Attributes attributes_;
    std::string access_list_;
    std::string keeps_;
    std::string deletes_;
    std::string updates_;
    std::string physical_;
};

}  // namespace majed::corpora
