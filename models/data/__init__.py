"""Training data: data sets, hold-outs, sequences and the download of public recordings."""
