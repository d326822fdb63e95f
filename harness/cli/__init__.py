COMMANDS = (
    *(list_names, plan, run, reproduce, tables, report, compare, tune, download),
    *(audit, check, export),
)

for command in COMMANDS:
    main.add_command(command)
