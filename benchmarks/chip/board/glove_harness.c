/* Runs front ends of gloves on frames, and prints what each makes of them and the instructions that a frame takes. */
#include <string.h>

#include "front_end.h"
#include "report.h"
#include "gloves.h" /* made for each run: gloves[GLOVES], frames[FRAMES][SG_SAMPLE_VALUES] */

int main(void)
{
    uint32_t dearest = 0;
    since(0);
    for (int glove = 0; glove < GLOVES; glove++) {
        for (int i = 0; i < FRAMES; i++) {
            float sample[SG_SAMPLE_VALUES];
            memcpy(sample, frames[i], sizeof sample);
            const uint32_t begin = board_instructions();
            sg_front_end_apply(&gloves[glove], sample);
            const uint32_t spent = since(begin);
            dearest = spent > dearest ? spent : dearest;
            say("seen");
            for (int value = 0; value < SG_SAMPLE_VALUES; value++) {
                uint32_t bits;
                memcpy(&bits, &sample[value], sizeof bits);
                say_number(bits);
            }
            board_put('\n');
        }
    }
    say_figure("frame", dearest);
    say_figure("stack", board_stack_used());
    say("end\n");
    board_end();
}
