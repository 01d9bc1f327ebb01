// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace pinfer {
namespace {

TEST(Json, KeepsTheOrderInWhichKeysCame) {
  Json json;
  json["z"] = 1;
  json["a"] = 2;
  json["z"] = 3;
  EXPECT_EQ(json.dump(), R"({"z":3,"a":2})");
}

TEST(Json, PairsMakeAnObjectAndTheRestAnArray) {
  EXPECT_EQ(Json({{"a", 1}, {"b", {1, 2}}}).dump(), R"({"a":1,"b":[1,2]})");
  EXPECT_EQ(Json({1, "b", nullptr, true}).dump(), R"([1,"b",null,true])");
  EXPECT_EQ(Json::array({{"a", 1}}).dump(), R"([["a",1]])");
  EXPECT_EQ(Json::array().dump(), "[]");
  EXPECT_EQ(Json::object().dump(), "{}");
}

TEST(Json, NumbersKeepTheirSignAndSize) {
  EXPECT_EQ(Json(std::numeric_limits<std::int64_t>::min()).dump(), "-9223372036854775808");
  EXPECT_EQ(Json(std::numeric_limits<std::uint64_t>::max()).dump(), "18446744073709551615");
  EXPECT_EQ(Json(std::vector<double>{0.5, 1e300}).dump(), "[0.5,1e+300]");
  EXPECT_EQ(Json(std::numeric_limits<double>::quiet_NaN()).dump(), "null");
}

TEST(Json, HostileTextComesOutAsValidUtf8) {
  const Json json = std::string("a\"\n\xff\0b", 6);
  const auto read = nlohmann::json::parse(json.dump(), nullptr, false);
  ASSERT_TRUE(read.is_string());
  EXPECT_EQ(read.get<std::string>(), std::string("a\"\n\xef\xbf\xbd\0b", 8));
}

TEST(Json, ParseGivesBackWhatDumpWrote) {
  const std::string text = R"({"z":[1,-2,0.5,"x",null,true],"a":{"b":{}}})";
  EXPECT_EQ(Json::parse(text).dump(), text);
  EXPECT_EQ(Json::parse("{\"a\":").kind(), Json::Kind::null);
}

TEST(Json, PrintsOneLine) {
  std::ostringstream out;
  print_json(out, {{"a", 1}});
  EXPECT_EQ(out.str(), "{\"a\":1}\n");
}

}  // namespace
}  // namespace pinfer
