from dfutils.cli import main

main()
