
/* ---- The recurrence: ONNX's GRU, gates in its order update z, reset r, candidate. ---- */

/* gates[rows][GATES]: what the inputs give to the gates. */
static void project(const struct layer *layer, int rows, const float *inputs, float *gates)
{
    for (int row = 0; row < rows; row++) {
        memcpy(gates + row * GATES, layer->bias, sizeof(float) * GATES);
    }
    add_products(&layer->input, rows, inputs, layer->input.inputs, gates, GATES);
}
