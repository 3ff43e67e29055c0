// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/mix.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace inpaintd::tools {
namespace {

constexpr int draws = 20'000;

template <class Property>
double share(const Mix& mix, Property property) {
  int count = 0;
  for (std::uint64_t number = 0; number < draws; ++number) count += property(choose(mix, 16, 3, number)) ? 1 : 0;
  return static_cast<double>(count) / draws;
}

}  // namespace

TEST_CASE("the sizes of people are half common and half arbitrary, and always the same") {
  const auto sizes = people_sizes();
  CHECK(sizes == people_sizes());
  REQUIRE(sizes.size() == 120);
  CHECK(sizes[0] == Size{640, 480});
  CHECK(sizes[2] == Size{800, 600});
  for (std::size_t i = 1; i < sizes.size(); i += 2) {
    CHECK((sizes[i].width >= 360 && sizes[i].width <= 1300));
    CHECK((sizes[i].height >= 360 && sizes[i].height <= 1300));
  }
}

TEST_CASE("sizes are read from a file, and anything else is refused") {
  const test::TemporaryDirectory folder;
  const auto read = [&](const std::string& text) { return parse_sizes(folder.write("sizes", text)); };
  CHECK(read("640x480\n\n16x4096\n") == std::vector<Size>{{640, 480}, {16, 4096}});
  for (const char* text : {"", "640", "640x", "x480", "640x480 ", "15x100", "100x4097", "640x480\nlarge"})
    CHECK_FALSE(read(text));
  CHECK_FALSE(parse_sizes("/does/not/exist"));
}

TEST_CASE("a mix of priorities is one name, or names with weights") {
  CHECK(*parse_priorities("low") == std::vector<double>{0, 0, 1});
  CHECK(*parse_priorities("high=1,normal=8,low=0.5") == std::vector<double>{1, 8, 0.5});
  for (const char* text : {"", "urgent", "high=", "high=x", "high=-1", "high=0", "high,", "high=1;low=1", "low=nan"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_priorities(text));
  }
}

// Found by fuzzing: the last weight replaced the earlier ones, and no priority with a weight was left.
TEST_CASE("the weights of a priority that is named several times are added") {
  CHECK(*parse_priorities("low,low,low=0") == std::vector<double>{0, 0, 2});
}

TEST_CASE("a mix of sides is one side, several with equal shares, or several with weights") {
  using Sides = std::vector<SideWeight>;
  CHECK(*parse_sides("512") == Sides{{512, 1}});
  CHECK(*parse_sides("256,512") == Sides{{256, 1}, {512, 1}});
  CHECK(*parse_sides("16=3,4096=0.5") == Sides{{16, 3}, {4096, 0.5}});
  for (const char* text : {"", "15", "4097", "512px", "512=", "512=0", "256,", "-256"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_sides(text));
  }
}

TEST_CASE("a request depends on seed and number alone") {
  Mix mix;
  mix.poison = mix.cancel = mix.repeat = 0.3;
  const auto same = [](const Choice& a, const Choice& b) {
    return a.fate == b.fate && a.picture == b.picture && a.mask_seed == b.mask_seed && a.cancel_after == b.cancel_after;
  };
  CHECK(same(choose(mix, 16, 1, 5), choose(mix, 16, 1, 5)));
  CHECK_FALSE(same(choose(mix, 16, 1, 5), choose(mix, 16, 1, 6)));
  CHECK_FALSE(same(choose(mix, 16, 1, 5), choose(mix, 16, 2, 5)));
}

TEST_CASE("priorities, sides, poison and cancels are drawn in their shares") {
  Mix mix;
  mix.priorities = *parse_priorities("high=1,low=3");
  mix.sides = *parse_sides("256=3,512=1");
  mix.poison = 0.1;
  mix.cancel = 0.2;
  const auto about = [](double value) { return doctest::Approx(value).epsilon(0.08); };
  CHECK(share(mix, [](const Choice& c) { return c.priority == Priority::high; }) == about(0.25));
  CHECK(share(mix, [](const Choice& c) { return c.priority == Priority::normal; }) == 0);
  CHECK(share(mix, [](const Choice& c) { return c.side == 0; }) == about(0.75));
  CHECK(share(mix, [](const Choice& c) { return c.fate == Fate::broken_picture; }) == about(0.05));
  CHECK(share(mix, [](const Choice& c) { return c.fate == Fate::wrong_mask; }) == about(0.05));
  CHECK(share(mix, [](const Choice& c) { return c.fate == Fate::cancel; }) == about(0.2));
  CHECK(share(Mix{}, [](const Choice& c) { return c.fate == Fate::answer; }) == 1);
}

TEST_CASE("every request has a mask of its own; the given shares repeat a mask, with its picture or with any") {
  Mix mix;
  std::set<std::uint64_t> masks;
  for (std::uint64_t number = 0; number < 1000; ++number) masks.insert(choose(mix, 16, 1, number).mask_seed);
  CHECK(masks.size() == 1000);

  mix.repeat = 1;
  std::map<std::uint64_t, std::set<std::size_t>> pictures;
  for (std::uint64_t number = 0; number < 1000; ++number) {
    const Choice choice = choose(mix, 16, 1, number);
    pictures[choice.mask_seed].insert(choice.picture);
  }
  CHECK(pictures.size() == repeated_inputs);
  for (const auto& [mask, seen] : pictures) CHECK(seen.size() == 1);

  mix.repeat = 0;
  mix.repeat_masks = 1;
  pictures.clear();
  for (std::uint64_t number = 0; number < 1000; ++number) {
    const Choice choice = choose(mix, 16, 1, number);
    pictures[choice.mask_seed].insert(choice.picture);
  }
  CHECK(pictures.size() == repeated_inputs);
  for (const auto& [mask, seen] : pictures) CHECK(seen.size() == 16);
}

}  // namespace inpaintd::tools
