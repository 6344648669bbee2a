/* Commands, at the edges of their bounds. */
#include <string.h>

#include "check.h"
#include "command.h"

/* Return the last command in the text; *count is the number of commands. */
static struct sg_command typed(const char *text, int *count)
{
    struct sg_command_line line;
    struct sg_command command = {.kind = SG_COMMAND_UNKNOWN};
    sg_command_start(&line);
    *count = 0;
    for (; *text; text++) {
        *count += sg_command_take(&line, (uint8_t)*text, &command);
    }
    return command;
}

static void expect_interval(const char *text, uint32_t interval_us)
{
    int count;
    const struct sg_command command = typed(text, &count);
    CHECK(count == 1);
    CHECK(command.kind == (interval_us ? SG_COMMAND_INTERVAL : SG_COMMAND_INTERVAL_REFUSED));
    CHECK(command.interval_us == interval_us || interval_us == 0);
}

static void test_intervals(void)
{
    expect_interval("interval,1\n", 1000);
    expect_interval("interval,1000\r\n", 1000000);
    expect_interval(" interval, 16.6667 \n", 16667);
    expect_interval("interval,0.999\n", 0);
    expect_interval("interval,1000.001\n", 0);
    expect_interval("interval,99999999999999999999999999\n", 0);
    expect_interval("interval,-20\n", 0);
    expect_interval("interval,\n", 0);
    expect_interval("interval\n", 0);
}

static void test_a_long_line_is_one_unknown_command(void)
{
    char text[SG_COMMAND_MAX * 3];
    int count;
    memset(text, 'x', sizeof text);
    memcpy(text + sizeof text - 8, "\nrecal\n", 8);
    CHECK(typed(text, &count).kind == SG_COMMAND_RECAL && count == 2);
    text[sizeof text - 7] = 0;
    CHECK(typed(text, &count).kind == SG_COMMAND_UNKNOWN && count == 1);
}

static void test_blank_lines_are_none(void)
{
    int count;
    typed("\n\r\n \t\n", &count);
    CHECK(count == 0);
}

int main(void)
{
    test_intervals();
    test_a_long_line_is_one_unknown_command();
    test_blank_lines_are_none();
    return 0;
}
