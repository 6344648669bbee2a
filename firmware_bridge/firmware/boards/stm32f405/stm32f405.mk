# The STM32F405: `make stm32f405` for silicon, with its sensors; `make stm32f405-qemu` for QEMU, with simulated ones.
# DEFINES takes settings such as -DSG_INTERVAL_US=10000u; the README beside this lists them.

CROSS ?= arm-none-eabi-
DEFINES ?=

STM32 := boards/stm32f405
STM32_FLAGS := -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 --specs=nano.specs
STM32_CFLAGS := $(STRICT) -O2 -g -ffp-contract=off -ffunction-sections -fdata-sections -Icore -Iboards/simulated $(NETWORK_CFLAGS)
STM32_LDFLAGS := -nostartfiles -T $(STM32)/stm32f405.ld -Wl,--gc-sections -Wl,--print-memory-usage
# QEMU's timers count at 1 GHz, its SysTick at 168 MHz.
STM32_QEMU := -DSG_TIMER_HZ=1000000000u -DSG_CORE_HZ=168000000u

STM32_COMMON := $(addprefix $(STM32)/,clock.c main.c startup.c timer.c usart.c)
STM32_HARDWARE := $(addprefix $(STM32)/,adc.c i2c.c lsm6ds3.c sensors_hardware.c)
STM32_SIMULATED := $(STM32)/sensors_simulated.c $(addprefix boards/simulated/,letters.c simulated.c)
STM32_OTHERS := $(wildcard core/*.h $(STM32)/*.h $(STM32)/*.ld $(STM32)/*.mk boards/simulated/*.h)

.PHONY: stm32f405 stm32f405-qemu
stm32f405: $(BUILD)/stm32f405.bin  ## the image for silicon
stm32f405-qemu: $(BUILD)/stm32f405-qemu.elf  ## the image for `scaleglove emulate --firmware`

%.bin: %.elf
	$(CROSS)objcopy -O binary $< $@

$(BUILD)/stm32f405.elf: $(CORE) $(NETWORK) $(STM32_COMMON) $(STM32_HARDWARE) $(STM32_OTHERS) | $(BUILD)
	$(CROSS)gcc $(STM32_FLAGS) $(STM32_CFLAGS) $(DEFINES) $(STM32_LDFLAGS) -o $@ $(filter %.c,$^) -lm
	$(CROSS)size $@

$(BUILD)/stm32f405-qemu.elf: $(CORE) $(NETWORK) $(STM32_COMMON) $(STM32_SIMULATED) $(STM32_OTHERS) | $(BUILD)
	$(CROSS)gcc $(STM32_FLAGS) $(STM32_CFLAGS) $(STM32_QEMU) $(DEFINES) $(STM32_LDFLAGS) -o $@ $(filter %.c,$^) -lm
	$(CROSS)size $@
