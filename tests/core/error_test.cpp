// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

#include <doctest/doctest.h>

#include "core/request.h"
#include "core/result.h"

using namespace inpaintd;

TEST_CASE("the error table is the table of the protocol") {
  struct Row {
    ErrorCode code;
    const char* name;
    int number;
    bool retryable;
  };
  const Row rows[] = {
      {ErrorCode::bad_request, "bad_request", 400, false},
      {ErrorCode::unsupported_image, "unsupported_image", 415, false},
      {ErrorCode::size_mismatch, "size_mismatch", 422, false},
      {ErrorCode::too_large, "too_large", 413, false},
      {ErrorCode::overloaded, "overloaded", 429, true},
      {ErrorCode::deadline_exceeded, "deadline_exceeded", 504, true},
      {ErrorCode::cancelled, "cancelled", 499, false},
      {ErrorCode::device_failed, "device_failed", 500, true},
      {ErrorCode::object_not_found, "object_not_found", 404, false},
      {ErrorCode::store_failed, "store_failed", 502, true},
      {ErrorCode::shutting_down, "shutting_down", 503, true},
      {ErrorCode::internal, "internal", 500, false},
  };
  CHECK(std::size(rows) == error_table.size());
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(info(row.code).name == row.name);
    CHECK(info(row.code).number == row.number);
    CHECK(info(row.code).retryable == row.retryable);
    CHECK(error_code(row.name) == row.code);
  }
  CHECK(error_code("Bad_request") == std::nullopt);
  CHECK(error_code("") == std::nullopt);
}

TEST_CASE("a result is a value or an error") {
  const auto half = [](int x) -> Result<int> {
    if (x % 2 != 0) return Error{ErrorCode::bad_request, "odd"};
    return x / 2;
  };
  CHECK(*half(8) == 4);
  REQUIRE(!half(7));
  CHECK(half(7).error().message == "odd");
}

TEST_CASE("an id is 1..128 bytes of letters, digits and _.:-") {
  CHECK(valid_id("a"));
  CHECK(valid_id("AZaz09_.:-"));
  CHECK(valid_id(std::string(128, 'x')));
  CHECK(!valid_id(""));
  CHECK(!valid_id(std::string(129, 'x')));
  CHECK(!valid_id("with space"));
  CHECK(!valid_id("new\nline"));
  CHECK(!valid_id("umlaut-\xc3\xa4"));
}

TEST_CASE("the names of enumerators convert in both directions") {
  CHECK(name(Strategy::automatic) == "auto");
  CHECK(from_name<Strategy>("auto") == Strategy::automatic);
  CHECK(from_name<Strategy>("automatic") == std::nullopt);
  CHECK(names_of<Region>() == "full, patch");
}
