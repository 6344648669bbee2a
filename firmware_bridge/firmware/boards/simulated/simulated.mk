# The simulated sensors with the core, on this computer.

SIMULATED := boards/simulated/letters.c boards/simulated/simulated.c

SIMULATED_HEADERS := $(wildcard boards/simulated/*.h)

$(BUILD)/simulated_trace: tests/simulated_trace.c $(CORE) $(SIMULATED) $(HEADERS) $(SIMULATED_HEADERS) | $(BUILD)
	$(CC) $(CFLAGS) $(SANITIZE) -Iboards/simulated -o $@ $(filter %.c,$^) -lm
