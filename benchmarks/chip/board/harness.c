/* Runs a package on recorded windows, and prints its results and the instructions they take. One fact a line: a
 * word, then numbers. */
#include <stdbool.h>
#include <string.h>

#include "report.h"
#include "sg_net.h"
#include "windows.h" /* made for each run: windows[WINDOWS][SG_NET_WINDOW_FRAMES][SG_NET_CHANNELS], lengths[WINDOWS] */

static struct sg_net net;
static struct sg_net_result result;

/* Print shares as their bits. */
static void say_shares(const sg_net_share *shares, int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t bits = 0;
        memcpy(&bits, &shares[i], sizeof shares[i]);
        say_number(bits);
    }
}

static void say_result(void)
{
    say("answer");
    say_number(result.letter);
    say_shares(result.probabilities, SG_NET_LABELS);
    board_put('\n');
}

/* Measure the importance in pieces: the most expensive one, and their sum. */
static void in_pieces(void)
{
    static struct sg_net_explanation run;
    sg_net_share importance[SG_NET_SCALES];
    uint32_t dearest = 0, begin;
    bool more = true;
    sg_net_explain_begin(&net, &run);
    while (more) {
        begin = board_instructions();
        more = sg_net_explain_advance(&net, &run);
        const uint32_t spent = since(begin);
        dearest = spent > dearest ? spent : dearest;
    }
    begin = board_instructions();
    sg_net_explain_end(&net, &run, importance);
    const uint32_t last = since(begin);
    say_figure("piece", last > dearest ? last : dearest);
    say("pieces");
    say_shares(importance, SG_NET_SCALES);
    board_put('\n');
}

static void whole(const sg_net_reading (*frames)[SG_NET_CHANNELS], uint32_t count)
{
    sg_net_share importance[SG_NET_SCALES];
    uint32_t begin = board_instructions();
    sg_net_window(&net, frames, count, &result);
    say_figure("window", since(begin));
    say_result();
    begin = board_instructions();
    sg_net_importance(&net, importance);
    say_figure("importance", since(begin));
    say("shares");
    say_shares(importance, SG_NET_SCALES);
    board_put('\n');
    in_pieces();
}

static void by_steps(const sg_net_reading (*frames)[SG_NET_CHANNELS], uint32_t count)
{
    uint32_t dearest = 0, all = 0;
    sg_net_start(&net);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t begin = board_instructions();
        sg_net_step(&net, frames[i]);
        const uint32_t spent = since(begin);
        dearest = spent > dearest ? spent : dearest;
        all += spent;
    }
    say_figure("step", dearest);
    say_figure("steps", all);
    uint32_t begin = board_instructions();
    sg_net_result(&net, &result);
    say_figure("result", since(begin));
    begin = board_instructions();
    sg_net_finish(&net);
    say_figure("finish", since(begin));
    sg_net_result(&net, &result);
    say_result();
}

int main(void)
{
    since(0);
    for (int i = 0; i < WINDOWS; i++) {
        whole(windows[i], lengths[i]);
        by_steps(windows[i], lengths[i]);
    }
    say_figure("state", sizeof net + sizeof result);
    say_figure("stack", board_stack_used());
    say("end\n");
    board_end();
}
