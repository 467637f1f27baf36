// SPDX-License-Identifier: Apache-2.0
#include "catalog/snapshot.h"

#include <gtest/gtest.h>

namespace majed::catalog {
namespace {

Relation relation(std::string name) {
    Relation made;
    made.name = std::move(name);
    return made;
}

TEST(Snapshot, finds_a_relation_whatever_the_case_of_its_name) {
    const Snapshot snapshot({relation("Customers"), relation("orders")});
    ASSERT_NE(snapshot.find("CUSTOMERS"), nullptr);
    EXPECT_EQ(snapshot.find("CUSTOMERS")->name, "Customers");
    EXPECT_EQ(snapshot.find("Orders")->name, "orders");
}

TEST(Snapshot, finds_nothing_for_a_name_that_does_not_exist) {
    const Snapshot snapshot({relation("orders")});
    EXPECT_EQ(snapshot.find("order"), nullptr);
    EXPECT_EQ(snapshot.find(""), nullptr);
    EXPECT_EQ(Snapshot({}).find("orders"), nullptr);
}

TEST(Snapshot, folds_ascii_only) {
    const Snapshot snapshot({relation("\xC3\x84pfel")});
    EXPECT_NE(snapshot.find("\xC3\x84PFEL"), nullptr);
    EXPECT_EQ(snapshot.find("\xC3\xA4pfel"), nullptr);
}

TEST(Snapshot, keeps_the_relations_in_the_order_given) {
    const Snapshot snapshot({relation("b"), relation("a")});
    ASSERT_EQ(snapshot.relations().size(), 2U);
    EXPECT_EQ(snapshot.relations()[0].name, "b");
}

Relation in(std::string schema, std::string name) {
    Relation made = relation(std::move(name));
    made.schema = std::move(schema);
    return made;
}

Snapshot server_with(std::vector<Relation> relations) {
    driver::ServerFacts server;
    server.search_path = {"shop", "public"};
    server.functions = {"lower", "f"};
    server.operators = {"==="};
    server.types = {"mood"};
    return {std::move(relations), std::move(server), 7};
}

TEST(SnapshotOfAServer, finds_names_to_the_letter_by_schema_or_along_the_search_path) {
    const Snapshot snapshot = server_with({in("public", "item"), in("shop", "item"), in("hidden", "Item"),
                                           in("public", "only"), in("hidden", "far")});
    EXPECT_EQ(snapshot.find("", "item")->schema, "shop");
    EXPECT_EQ(snapshot.find("public", "item")->schema, "public");
    EXPECT_EQ(snapshot.find("", "only")->schema, "public");
    EXPECT_EQ(snapshot.find("", "far"), nullptr);
    EXPECT_EQ(snapshot.find("", "ITEM"), nullptr);
    EXPECT_EQ(snapshot.find("Shop", "item"), nullptr);
    EXPECT_EQ(snapshot.find("hidden", "Item")->name, "Item");
}

TEST(SnapshotOfAServer, finds_what_a_rule_names_with_its_schema_or_without) {
    const Snapshot snapshot = server_with({in("shop", "item"), in("hidden", "far"), in("odd.one", "a.b")});
    EXPECT_EQ(snapshot.find("item")->full_name(), "shop.item");
    EXPECT_EQ(snapshot.find("hidden.far")->full_name(), "hidden.far");
    EXPECT_EQ(snapshot.find("far"), nullptr);
    EXPECT_EQ(snapshot.find("odd.one.a.b")->name, "a.b");
    EXPECT_EQ(snapshot.find(".item"), nullptr);
    EXPECT_EQ(snapshot.find("shop."), nullptr);
}

TEST(SnapshotOfAServer, knows_what_may_not_be_the_servers_own) {
    const Snapshot snapshot = server_with({});
    EXPECT_TRUE(snapshot.redefines_function("f"));
    EXPECT_TRUE(snapshot.redefines_function("lower"));
    EXPECT_FALSE(snapshot.redefines_function("upper"));
    EXPECT_TRUE(snapshot.redefines_operator("==="));
    EXPECT_TRUE(snapshot.redefines_type("mood"));
    EXPECT_EQ(snapshot.schema_version(), 7);
    EXPECT_FALSE(Snapshot({}).redefines_function("lower"));
    EXPECT_EQ(Snapshot({}).server(), nullptr);
}

Snapshot oracle_with(std::vector<driver::Synonym> synonyms) {
    driver::ServerFacts server;
    server.make = driver::ServerMake::oracle;
    server.search_path = {"SHOP"};
    server.synonyms = std::move(synonyms);
    return {{in("SHOP", "ITEM"), in("APP", "ITEM"), in("APP", "FAR")}, std::move(server), 7};
}

TEST(SnapshotOfAServer, follows_synonyms_from_the_schema_then_from_everybodys) {
    const Snapshot snapshot = oracle_with({{"PUBLIC", "ITEM", "APP", "ITEM"},
                                           {"PUBLIC", "REMOTE", "APP", "FAR"},
                                           {"PUBLIC", "GOODS", "APP", "THIRD"},
                                           {"APP", "THIRD", "APP", "SECOND"},
                                           {"APP", "SECOND", "APP", "FAR"},
                                           {"SHOP", "REMOTE", "APP", "FAR", true}});
    EXPECT_EQ(snapshot.find({}, "ITEM")->schema, "SHOP") << "a table of the schema comes first";
    EXPECT_EQ(snapshot.find({}, "GOODS")->full_name(), "APP.FAR");
    EXPECT_EQ(snapshot.find("GOODS")->full_name(), "APP.FAR");
    EXPECT_EQ(snapshot.find("APP", "THIRD")->full_name(), "APP.FAR");
    EXPECT_EQ(snapshot.find({}, "THIRD"), nullptr);
    EXPECT_EQ(snapshot.find("SHOP", "GOODS"), nullptr);
    EXPECT_EQ(snapshot.find({}, "REMOTE"), nullptr) << "the schema's own hides everybody's, and leads away";
    EXPECT_EQ(oracle_with({{"PUBLIC", "A", "PUBLIC", "B"}, {"PUBLIC", "B", "PUBLIC", "A"}}).find("A"),
              nullptr);
}

TEST(Snapshot, finds_a_relation_in_a_schema_whatever_the_case_on_other_servers) {
    const Snapshot snapshot({in("SHOP", "ITEM")});
    EXPECT_NE(snapshot.find("shop.item"), nullptr);
    EXPECT_NE(snapshot.find("shop", "item"), nullptr);
    EXPECT_EQ(snapshot.find("item"), nullptr);
}

}  // namespace
}  // namespace majed::catalog
