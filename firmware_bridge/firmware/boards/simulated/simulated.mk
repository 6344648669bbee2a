# The simulated sensors on this computer, before the core.

SIMULATED := boards/simulated/letters.c boards/simulated/simulated.c

$(BUILD)/simulated_trace: tests/simulated_trace.c $(CORE) $(SIMULATED) $(HEADERS) $(wildcard boards/simulated/*.h) | $(BUILD)
	$(CC) $(CFLAGS) $(SANITIZE) -Iboards/simulated -o $@ $(filter %.c,$^) -lm
