
/* ---- The recurrence: ONNX's GRU, gates in its order update z, reset r, candidate. ---- */

/* Compute gates[rows][GATES]: the inputs' contribution to the gates. */
static void project(const struct layer *layer, int rows, const value *inputs, value *gates)
{
    product(&layer->input, rows, inputs, layer->input.inputs, layer->bias, 0, gates, GATES);
}
