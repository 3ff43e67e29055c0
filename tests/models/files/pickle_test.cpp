// SPDX-License-Identifier: Apache-2.0
#include "models/files/pickle.h"

#include <doctest/doctest.h>

#include <random>
#include <stdexcept>

namespace inpaintd::pickle {
namespace {

template <std::size_t n>
std::string bytes(const char (&text)[n]) {
  return std::string(text, n - 1);
}

std::string refusal(const std::string& text) {
  try {
    const Document document(text);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("integers, strings, tuples and dicts are read as Python wrote them") {
  // pickle.dumps({"a": (1, 300, -2, 70000)}, protocol=2)
  const std::string text = bytes(
      "\x80\x02}q\x00X\x01\x00\x00\x00"
      "aq\x01(K\x01M,\x01J\xfe\xff\xff\xffJp\x11\x01\x00tq\x02s.");
  const Document document(text);
  const auto* dict = std::get_if<Dict>(&document.root());
  REQUIRE(dict);
  REQUIRE(dict->items.size() == 1);
  CHECK(*std::get_if<std::string>(dict->items[0].first) == "a");
  const auto* tuple = std::get_if<Sequence>(dict->items[0].second);
  REQUIRE(tuple);
  std::vector<std::int64_t> numbers;
  for (const Value* item : tuple->items) numbers.push_back(*std::get_if<std::int64_t>(item));
  CHECK(numbers == std::vector<std::int64_t>{1, 300, -2, 70000});
}

TEST_CASE("a call in a pickle is not made: the result is an object without attributes") {
  const Document document(bytes("cos\nsystem\n(X\x04\x00\x00\x00ruintR."));
  const auto* object = std::get_if<Dict>(&document.root());
  REQUIRE(object);
  CHECK(object->items.empty());
}

TEST_CASE("the refusal of a broken pickle names the cause") {
  CHECK(refusal("") == "the pickle is truncated");
  CHECK(refusal("K") == "the pickle is truncated");
  CHECK(refusal(bytes("X\xff\xff\xff\xff"
                      "abc")) == "the pickle is truncated");
  CHECK(refusal("cno line end") == "the pickle is truncated");
  CHECK(refusal(".") == "the pickle takes more values than the stack has");
  CHECK(refusal("R.") == "the pickle takes more values than the stack has");
  CHECK(refusal("(N(\x86.") == "the pickle takes more values than the stack has");
  CHECK(refusal("t.") == "the pickle uses a mark that was not set");
  CHECK(refusal("NNNs.") == "the pickle sets items of a value that is not a dict");
  CHECK(refusal(bytes("h\x05.")) == "the pickle recalls a value that was not stored");
  CHECK(refusal("NQ.") == "the pickle refers to an external object that is not a storage");
  CHECK(refusal("z.") == "the pickle has opcode 122, which PyTorch does not write");
  CHECK(refusal("ctorch._utils\n_rebuild_tensor_v2\n)R.") == "the pickle describes a tensor by fewer than 4 arguments");
}

TEST_CASE("random bytes are read or refused, and never crash the reader") {
  const std::uint32_t seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 bits(seed);
  const std::string codes = "(N)]}tlaesuqrhj0cQRb.X\x85\x86\x87\x81\x80KJ";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto length = bits() % 40; length > 0; --length)
      text += bits() % 8 == 0 ? static_cast<char>(bits() % 256) : codes[bits() % codes.size()];
    refusal(text);
  }
}

}  // namespace inpaintd::pickle
